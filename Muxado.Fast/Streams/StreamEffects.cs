using Muxado.Fast.Primitives;

namespace Muxado.Fast.Streams;

/// <summary>What a change of a stream's state makes necessary once its lock has been left: nobody is woken and nothing is sent under a lock.</summary>
internal ref struct StreamEffects
{
    public Completion? Read;
    public Completion? Write;
    public bool WireClosed;
    public bool Flush;

    /// <summary>References that ended with the change.</summary>
    public int ReferencesDropped;

    public readonly void Apply(StreamHost host, StreamCore stream)
    {
        if (Read is not null)
            host.Complete(Read);
        if (Write is not null)
            host.Complete(Write);
        if (WireClosed)
            host.OnWireClosed(stream);
        if (Flush)
            host.Flush();

        // Last: the core may belong to another stream from here on.
        for (int i = 0; i < ReferencesDropped; i++)
            stream.ReleaseReference(host);
    }
}
