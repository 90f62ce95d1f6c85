namespace Muxado.Fast.Bench.Cli;

/// <summary>Where the frames of a command's sessions are shown: on stderr, in a file, in both or nowhere.</summary>
/// <remarks>
/// Owner: the command, which disposes it when its sessions have ended.
/// Threading: as the taps themselves.
/// </remarks>
internal sealed class Trace : IDisposable
{
    private readonly MuxadoPcapngWriter? _file;

    private Trace(MuxadoFrameLog? log, MuxadoPcapngWriter? file)
    {
        _file = file;
        Tap = (log, file) switch
        {
            (not null, not null) => new Both(log, file),
            _ => (MuxadoFrameTap?)log ?? file,
        };
    }

    /// <summary>What sessions are to be given; null for nothing.</summary>
    public MuxadoFrameTap? Tap { get; }

    public static Trace Begin(bool prints, string? filePath) =>
        new(prints ? new MuxadoFrameLog(Console.Error) : null, filePath is null ? null : new MuxadoPcapngWriter(Create(filePath)));

    public void Dispose() => _file?.Dispose();

    private static FileStream Create(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandFailedException($"cannot write {path}: {failure.Message}", failure);
        }
    }

    private sealed class Both(MuxadoFrameTap first, MuxadoFrameTap second) : MuxadoFrameTap
    {
        public override void OnFrame(in MuxadoFrame frame)
        {
            first.OnFrame(frame);
            second.OnFrame(frame);
        }
    }
}
