namespace Muxado.Fast.Tests.Races;

/// <summary>What an action is, as far as its own result goes.</summary>
internal enum OperationKind
{
    /// <summary>It ends at once, or as soon as the session has ended.</summary>
    Command,

    /// <summary>A command on the stream, which must not be disposed.</summary>
    StreamCommand,

    Read,
    Write,
    Open,
    Accept,
}
