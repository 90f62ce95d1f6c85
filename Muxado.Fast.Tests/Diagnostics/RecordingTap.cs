namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Keeps the bytes of every frame, by session and direction.</summary>
internal sealed class RecordingTap : MuxadoFrameTap
{
    private readonly Lock _gate = new();
    private readonly List<byte> _sent = [];
    private readonly List<byte> _received = [];
    private int _frames;

    public byte[] Sent
    {
        get
        {
            lock (_gate)
                return [.. _sent];
        }
    }

    public byte[] Received
    {
        get
        {
            lock (_gate)
                return [.. _received];
        }
    }

    public int Frames => Volatile.Read(ref _frames);

    public override void OnFrame(in MuxadoFrame frame)
    {
        lock (_gate)
        {
            (frame.Direction == MuxadoFrameDirection.Sent ? _sent : _received).AddRange(frame.Bytes);
            _frames++;
        }
    }
}
