using Muxado.Fast.Framing;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Framing;

/// <summary>
/// Writes down each frame as a line, with the pieces of DATA and debug put together, so that records of the same bytes cut
/// differently are equal. Checks on the way what the decoder promises about the pieces.
/// </summary>
internal sealed class RecordingHandler : IFrameHandler
{
    private readonly List<string> _lines = [];
    private readonly List<byte> _payload = [];
    private readonly List<byte> _debug = [];

    /// <summary>After how many calls to say stop.</summary>
    public int StopAfterCalls { get; init; } = int.MaxValue;

    /// <summary>Whether to ask for a pause at every call.</summary>
    public bool IsPausing { get; init; }

    public int Calls { get; private set; }

    /// <summary>One line for each frame told completely, plus what there is of debug bytes.</summary>
    public IReadOnlyList<string> Lines =>
        _debug.Count == 0 ? [.. _lines] : [.. _lines, DebugLine()];

    public MuxadoErrorCode? ViolationCode { get; private set; }

    public string? ViolationMessage { get; private set; }

    /// <summary>What came of a DATA frame that is not complete.</summary>
    public int UnfinishedPayloadBytes => _payload.Count;

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin) =>
        Record($"SYN {id} priority {priority:x} type {streamType:x}{(fin ? " FIN" : "")}");

    public bool OnRst(uint id, uint errorCode) => Record($"RST {id} code {errorCode}");

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        Assert.That(offset, Is.EqualTo(_payload.Count), "chunks follow each other without gap or overlap");
        Assert.That(chunk.IsEmpty, Is.EqualTo(payloadBytes == 0), "only an empty frame has an empty chunk");
        _payload.AddRange(chunk);
        if (offset + chunk.Length < payloadBytes)
            return Go();
        string line = $"DATA {id} {Convert.ToHexStringLower(_payload.ToArray())}{(fin ? " FIN" : "")}";
        Assert.That(_payload, Has.Count.EqualTo(payloadBytes), "the last chunk ends the frame");
        _payload.Clear();
        return Record(line);
    }

    public bool OnWindowIncrement(uint id, uint credit) => Record($"WND_INC {id} +{credit}");

    public bool OnGoAway(uint lastId, uint errorCode) => Record($"GOAWAY last {lastId} code {errorCode}");

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk)
    {
        Assert.That(chunk.IsEmpty, Is.False, "debug bytes are told only when there are some");
        _debug.AddRange(chunk);
        return Go();
    }

    public void OnViolation(MuxadoErrorCode code, string message)
    {
        Assert.That(ViolationCode, Is.Null, "nothing is told after a violation");
        ViolationCode = code;
        ViolationMessage = message;
        Record($"VIOLATION {code}: {message}");
    }

    private bool Record(string line)
    {
        Assert.That(_payload, Is.Empty, "no frame begins inside another");
        if (_debug.Count != 0)
        {
            _lines.Add(DebugLine());
            _debug.Clear();
        }

        _lines.Add(line);
        return Go();
    }

    private bool Go() => ++Calls < StopAfterCalls && !IsPausing;

    private string DebugLine() => $"debug {Convert.ToHexStringLower(_debug.ToArray())}";
}
