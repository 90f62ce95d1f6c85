using Muxado.Fast.Sessions;

namespace Muxado.Fast;

/// <summary>A session as one of its extensions sees it.</summary>
public sealed class MuxadoExtensionContext
{
    private readonly SessionEngine _engine;
    private readonly MuxadoExtension _extension;

    internal MuxadoExtensionContext(SessionEngine engine, MuxadoExtension extension)
    {
        _engine = engine;
        _extension = extension;
    }

    /// <summary>The session that the extension serves.</summary>
    public MuxadoSession Session => _engine.Facade;

    /// <summary>Opens a stream of the extension's own reserved type; otherwise like <see cref="MuxadoSession.OpenStream"/>.</summary>
    /// <param name="priority">The stream's priority.</param>
    /// <exception cref="MuxadoException">The session has ended, is going away, or has no ids left.</exception>
    public MuxadoStream OpenStream(uint priority = 0) =>
        _engine.Open(new MuxadoStreamOptions { Priority = priority, StreamType = _extension.StreamType }, isExtension: true).AsStream();
}
