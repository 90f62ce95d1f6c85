namespace Muxado.Fast.Bench.Load;

/// <summary>What each operation of a load looks like; the value is its default size in bytes.</summary>
internal enum LoadMode
{
    /// <summary>Short-lived streams: open, a few bytes, echo, close.</summary>
    Churn = 64,

    /// <summary>One request and its response per stream: the same as churn, with a kilobyte.</summary>
    Rpc = 1024,

    /// <summary>Long transfers, read back while they are written.</summary>
    Bulk = 1024 * 1024,
}
