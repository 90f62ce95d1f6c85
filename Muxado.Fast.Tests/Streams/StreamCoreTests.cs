using CsCheck;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using Muxado.Fast.Tests.Streams.Model;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams;

/// <summary>A stream against a model of it, under any sequence of the peer's frames, the application's calls and the session's doings.</summary>
public sealed class StreamCoreTests
{
    private const uint Id = 5;

    private static readonly Gen<int> s_bytes = Gen.Frequency((5, Gen.Int[0, 40]), (3, Gen.Int[1000, 20_000]), (2, Gen.Int[20_000, 70_000]));

    private static readonly Gen<StepKind> s_kind = Gen.Frequency(
        (16, Gen.OneOfConst(StepKind.Data, StepKind.Read, StepKind.Write)),
        (4, Gen.OneOfConst(StepKind.TryRead, StepKind.TakeBlocks, StepKind.TryWrite, StepKind.Credit, StepKind.Stall, StepKind.Time)),
        (4, Gen.OneOfConst(StepKind.CancelRead, StepKind.CancelWrite, StepKind.ReturnOwed, StepKind.Pin, StepKind.Unpin, StepKind.FillBatch)),
        (2, Gen.OneOfConst(StepKind.Deadline, StepKind.CompleteWrites)),
        (1, Gen.OneOfConst(StepKind.Abort, StepKind.Release, StepKind.Reset, StepKind.Refuse, StepKind.EndSession)));

    private static readonly Gen<bool> s_seldom = Gen.Frequency((7, Gen.Const(false)), (1, Gen.Const(true)));

    private static readonly Gen<StreamStep> s_step = s_kind.SelectMany(kind =>
        Gen.Select(s_bytes, Gen.Int[0, 100_000], kind is StepKind.Data or StepKind.Write ? s_seldom : Gen.Bool, (bytes, other, flag) => new StreamStep(kind, bytes, other, flag)));

    /// <summary>What chance alone seldom comes to: a writer at window 0 whose peer has half-closed, and a reader that is as quick as its peer.</summary>
    private static readonly Gen<StreamStep[]> s_beginning = Gen.Frequency(
        (2, Gen.Const(Array.Empty<StreamStep>())),
        (1, Gen.Const(new[] { new StreamStep(StepKind.Write, 70_000, 0, false), new StreamStep(StepKind.Data, 0, 0, true) })),
        (1, Gen.Const(Enumerable.Repeat(new[] { new StreamStep(StepKind.Data, 40_000, 7, false), new StreamStep(StepKind.TakeBlocks, 0, 0, false) }, 3).SelectMany(pair => pair).ToArray())));

    private static readonly Gen<StreamKind> s_stream = Gen.Select(
        Gen.Bool, s_seldom, Gen.Bool, Gen.OneOfConst(0, Wire.InitialWindowBytes, long.MaxValue), (inbound, oneWay, bottleneck, budget) => new StreamKind(inbound, oneWay, bottleneck, budget));

    [Test]
    public void A_stream_does_what_its_model_does() =>
        Gen.Select(s_stream, s_beginning, s_step.Array[1, 30]).Sample(
            (kind, beginning, steps) =>
            {
                var use = new StreamUse(kind);
                foreach (StreamStep step in (StreamStep[])[.. beginning, .. steps])
                    use.Do(step);
                use.End();
            },
            iter: 1000);

    [Test]
    public void Every_wake_up_that_is_not_awaited_any_more_is_given_up()
    {
        (ModelHost host, StreamCore stream) = Open();
        int generation = stream.Generation;
        Task<int> reading = stream.ReadAsync(generation, new byte[1], CancellationToken.None).AsTask();
        Task writing = stream.WriteAsync(generation, new byte[70_000], completeWrites: false, CancellationToken.None).AsTask();
        for (int seconds = 9; seconds > 0; seconds--)
        {
            stream.SetDeadline(generation, StreamAlarm.Read, new DateTimeOffset(TimeSpan.TicksPerSecond * seconds, TimeSpan.Zero));
            stream.SetDeadline(generation, StreamAlarm.Write, new DateTimeOffset(TimeSpan.TicksPerSecond * seconds, TimeSpan.Zero));
        }

        Assert.That((host.Armed, host.Forgotten), Is.EqualTo((18, 16)), "an earlier one takes the place of a later one");
        stream.OnData(host, Id, default, 0, 0, fin: true);
        host.RunLate();
        Assert.That((host.Armed, host.Forgotten), Is.EqualTo((19, 16)), "a writer at window 0 probes a peer that has ended");

        stream.Release(generation);

        Assert.That((host.Armed, host.Forgotten), Is.EqualTo((19, 19)));
        host.RunLate();
        Assert.That(reading.IsCompleted);
        _ = writing.Exception; // It ends with its bytes, which are on their way.
    }

    // A read that has something to report is woken a little later, and the application may have let go of the stream by then.
    [TestCase(false, nameof(MuxadoError.StreamAborted))]
    [TestCase(true, nameof(ObjectDisposedException))]
    public void A_read_that_was_told_of_bytes_fails_when_they_are_dropped_first(bool isDisposed, string failure)
    {
        (ModelHost host, StreamCore stream) = Open();
        Task<int> reading = stream.ReadAsync(stream.Generation, Memory<byte>.Empty, CancellationToken.None).AsTask();
        stream.OnData(host, Id, [1, 2, 3], 3, 0, fin: false);

        LetGo(stream, isDisposed);
        host.RunLate();

        Exception? reason = reading.Exception?.InnerException;
        Assert.That(reason is MuxadoException muxado ? $"{muxado.Error}" : reason?.GetType().Name, Is.EqualTo(failure));
    }

    [Test]
    public void A_read_that_has_bytes_reports_them_whatever_comes_first([Values] bool isDisposed)
    {
        (ModelHost host, StreamCore stream) = Open();
        byte[] buffer = new byte[10];
        Task<int> reading = stream.ReadAsync(stream.Generation, buffer, CancellationToken.None).AsTask();
        stream.OnData(host, Id, [1, 2, 3], 3, 0, fin: false);

        LetGo(stream, isDisposed);
        host.RunLate();

        Assert.That(reading.IsCompletedSuccessfully, Is.True);
        Assert.That(buffer[..reading.Result], Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void A_read_whose_memory_is_disposed_reports_what_it_had_by_then()
    {
        (ModelHost host, StreamCore stream) = Open();
        var memory = new FailingMemory(10, readable: int.MaxValue);
        Task<int> reading = stream.ReadAsync(stream.Generation, memory.Memory, CancellationToken.None).AsTask();
        stream.OnData(host, Id, [1, 2, 3], 3, 0, fin: false);

        memory.IsDisposed = true;
        stream.OnData(host, Id, [4, 5], 2, 0, fin: true);
        host.RunLate();

        Assert.That(reading.IsCompletedSuccessfully, Is.True);
        Assert.That(reading.Result, Is.EqualTo(3));
        byte[] rest = new byte[10];
        Assert.That(stream.TryRead(stream.Generation, rest, out int count), Is.True);
        Assert.That(rest[..count], Is.EqualTo(new byte[] { 4, 5 }));
    }

    [Test]
    public void A_read_that_was_told_of_the_end_fails_when_the_stream_is_aborted_first()
    {
        (ModelHost host, StreamCore stream) = Open();
        Task<int> reading = stream.ReadAsync(stream.Generation, new byte[10], CancellationToken.None).AsTask();
        stream.OnData(host, Id, default, 0, 0, fin: true);

        LetGo(stream, isDisposed: false);
        host.RunLate();

        Assert.That((reading.Exception?.InnerException as MuxadoException)?.Error, Is.EqualTo(MuxadoError.StreamAborted));
    }

    [Test]
    public void Reads_are_closed_by_the_last_byte_also_when_that_is_asked_after_FIN()
    {
        (ModelHost host, StreamCore stream) = Open();
        stream.OnData(host, Id, [1, 2, 3], 3, 0, fin: true);

        Task closed = stream.ReadsClosed(stream.Generation);
        Assert.That(closed.IsCompleted, Is.False);
        stream.TryRead(stream.Generation, new byte[3], out _);
        Assert.That(closed.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void What_a_pipe_looks_at_after_its_stream_was_disposed_earns_nothing()
    {
        (ModelHost host, StreamCore stream) = Open();
        int generation = stream.Generation;
        stream.OnData(host, Id, new byte[Wire.InitialWindowBytes], Wire.InitialWindowBytes, 0, fin: false);
        host.Blocks.Return(stream.TakeBlocks(generation, out _, out _)!);
        stream.Release(generation);

        stream.AcknowledgeExamined(generation, Wire.InitialWindowBytes);
        host.Flush();

        Assert.That(host.Sent, Has.None.StartsWith("WND_INC"));
    }

    private static (ModelHost Host, StreamCore Stream) Open()
    {
        var host = new ModelHost { IsLate = true };
        var stream = new StreamCore();
        stream.Open(host, Id, priority: 0, streamType: 0, StreamState.None);
        return (host, stream);
    }

    private static void LetGo(StreamCore stream, bool isDisposed)
    {
        if (isDisposed)
            stream.Release(stream.Generation);
        else
            stream.Abort(stream.Generation, MuxadoErrorCode.Cancel);
    }
}
