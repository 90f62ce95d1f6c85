namespace Muxado.Fast;

/// <summary>A session as one of its extensions sees it.</summary>
public sealed class MuxadoExtensionContext
{
    internal MuxadoExtensionContext(MuxadoSession session, MuxadoExtension extension)
    {
        Session = session;
        Extension = extension;
    }

    /// <summary>The session that the extension serves.</summary>
    public MuxadoSession Session { get; }

    private MuxadoExtension Extension { get; }

    /// <summary>Opens a stream of the extension's own reserved type; otherwise like <see cref="MuxadoSession.OpenStream"/>.</summary>
    /// <param name="priority">The stream's priority.</param>
    public MuxadoStream OpenStream(uint priority = 0) => throw new NotImplementedException(Extension.ToString());
}
