using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams.Model;

/// <summary>One stream beside its model: does the same to both, and compares what they say, send and have become.</summary>
internal sealed class StreamUse
{
    private const uint Id = 5;

    private static readonly StreamFailure s_sessionEnd = new(MuxadoError.SessionClosed, "The session was closed.");
    private static readonly StreamFailure s_refusal = new(MuxadoError.StreamRefused, "The stream was refused.");

    private readonly ModelHost _host;
    private readonly StreamModel _model;
    private readonly StreamCore _stream = new();
    private readonly int _generation;
    private CancellationTokenSource _readCancellation = new();
    private CancellationTokenSource _writeCancellation = new();
    private byte[] _readBuffer = [];
    private bool _isReadChecked;
    private Task<int>? _read;
    private Task? _write;

    public StreamUse(StreamKind kind)
    {
        _host = new ModelHost { IsBottleneck = kind.IsBottleneck, Budget = kind.Budget };
        _model = new StreamModel(kind.IsInbound, kind.IsInbound && kind.IsOneWay, kind.IsBottleneck, kind.Budget);
        StreamState oneWay = kind.IsOneWay ? StreamState.OneWay | StreamState.WritesCompleted | StreamState.FinSent : StreamState.None;
        _stream.Open(_host, Id, 0, 0, kind.IsInbound ? StreamState.Inbound | oneWay : StreamState.None);
        _generation = _stream.Generation;
    }

    public void Do(StreamStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Data:
                OnData(step.Bytes, step.Other, step.Flag);
                break;
            case StepKind.Read:
                Read(step.Bytes);
                break;
            case StepKind.TryRead:
                string tried = _model.TryRead(step.Bytes);
                byte[] buffer = new byte[step.Bytes];
                Same(() => _stream.TryRead(_generation, buffer, out int count) ? Checked(buffer, count) : "no", tried);
                break;
            case StepKind.TakeBlocks:
                string taken = _model.TakeBlocks();
                Same(TakeBlocks, taken);
                break;
            case StepKind.Write:
                Write(step.Bytes, step.Flag);
                break;
            case StepKind.TryWrite:
                string sent = _model.TryWrite(step.Bytes);
                Same(() => _stream.TryWrite(_generation, new byte[step.Bytes], out int count) ? $"{count}" : $"{count} no", sent);
                break;
            case StepKind.Credit:
                uint credit = step.Flag && step.Other % 8 == 0 ? Wire.MaxWindowBytes : (uint)step.Bytes;
                bool isLegal = _model.OnCredit(credit);
                Assert.That(_stream.OnCredit(_host, Id, credit), Is.EqualTo(isLegal));
                break;
            case StepKind.CompleteWrites:
                Same(() => Void(() => _stream.CompleteWrites(_generation)), _model.CompleteWrites());
                break;
            case StepKind.Abort:
                Same(() => Void(() => _stream.Abort(_generation, MuxadoErrorCode.Cancel)), _model.Abort(MuxadoErrorCode.Cancel));
                break;
            case StepKind.Release:
                _model.Release();
                _stream.Release(_generation);
                break;
            case StepKind.Reset:
                Same(() => $"{_stream.OnReset(_host, Id, (uint)step.Other % 9)}", $"{_model.OnReset((uint)step.Other % 9)}");
                break;
            case StepKind.Refuse:
                _model.Refuse();
                _stream.Refuse(_host, Id, s_refusal);
                break;
            case StepKind.EndSession:
                _model.EndSession();
                _stream.Fail(_host, Id, s_sessionEnd, detaches: step.Flag);
                break;
            default:
                Arrange(step);
                break;
        }

        // More frames may come before the receive drain ends, and what it has gathered leaves.
        if (step.Kind != StepKind.Data || step.Other % 2 == 0)
        {
            _model.Flush();
            _host.Flush();
        }

        Compare();
    }

    /// <summary>Everything ends: no reference and no block is left.</summary>
    public void End()
    {
        foreach (StepKind kind in (StepKind[])[StepKind.Unpin, StepKind.Release, StepKind.EndSession])
            Do(new StreamStep(kind, 0, 0, false));
        Assert.That(_host.Released, Is.EqualTo(1), "the core is free for its next stream");
        Assert.That(_host.Blocks.Outstanding, Is.Zero, "blocks");
        Assert.That(_host.Reserved, Is.Zero, "window budget");
    }

    /// <summary>What happens around the stream.</summary>
    private void Arrange(StreamStep step)
    {
        switch (step.Kind)
        {
            case StepKind.CancelRead when step.Flag:
                _model.CancelRead();
                _stream.CancelPendingRead(_generation);
                break;
            case StepKind.CancelRead:
                _model.CancelRead();
                _readCancellation.Cancel();
                break;
            case StepKind.CancelWrite when step.Flag:
                _model.CancelWriteUnlessReleased();
                _stream.CancelPendingWrite(_generation);
                break;
            case StepKind.CancelWrite:
                _model.CancelWrite();
                _writeCancellation.Cancel();
                break;
            case StepKind.ReturnOwed:
                _model.ReturnOwed();
                _host.ReturnOwed();
                break;
            case StepKind.Deadline:
                SetDeadline(step);
                break;
            case StepKind.Time:
                long ticks = step.Flag ? ModelHost.ProbeTicks : step.Other % 1000 * 10L;
                _model.Advance(ticks);
                _host.Advance(_stream, ticks);
                break;
            case StepKind.Pin:
                _model.Pin();
                _host.Pin();
                break;
            case StepKind.Unpin:
                _model.Unpin();
                _host.Unpin();
                break;
            case StepKind.Stall:
                _model.IsStalled = _host.IsStalled = step.Flag;
                break;
            case StepKind.FillBatch:
                _model.IsBatchFull = _host.IsBatchFull = step.Flag;
                break;
        }
    }

    private void OnData(int bytes, int cut, bool fin)
    {
        int first = bytes == 0 ? 0 : 1 + (cut % bytes);
        byte[] payload = Pattern(_model.Came, bytes);
        DataOutcome expected = _model.OnData(first, bytes - first, fin);
        DataOutcome outcome = _stream.OnData(_host, Id, payload.AsSpan(0, first), bytes, 0, fin);
        if (first < bytes)
            outcome = _stream.OnData(_host, Id, payload.AsSpan(first), bytes, first, fin);
        Assert.That(outcome, Is.EqualTo(expected));
    }

    private void Read(int bytes)
    {
        string expected = _model.BeginRead(bytes);
        byte[] buffer = new byte[bytes];
        var cancellation = new CancellationTokenSource();
        Same(
            () =>
            {
                Task<int> read = _stream.ReadAsync(_generation, buffer, cancellation.Token).AsTask();
                (_read, _readBuffer, _isReadChecked, _readCancellation) = (read, buffer, false, cancellation);
                return Outcome(read);
            },
            expected);
    }

    private void Write(int bytes, bool completes)
    {
        string expected = _model.BeginWrite(bytes, completes);
        if (expected == StreamModel.Waits)
            _model.Flush(); // On its writer's own stack.
        if (_model.Write is { } write && expected == StreamModel.Waits)
            expected = write;
        var cancellation = new CancellationTokenSource();
        Same(
            () =>
            {
                Task task = _stream.WriteAsync(_generation, new byte[bytes], completes, cancellation.Token).AsTask();
                (_write, _writeCancellation) = (task, cancellation);
                return Outcome(task);
            },
            expected);
    }

    private string TakeBlocks()
    {
        Block? first = _stream.TakeBlocks(_generation, out bool isEnd, out StreamFailure? failure);
        List<byte> bytes = [];
        for (Block? block = first; block is not null;)
        {
            Block? next = block.Next;
            bytes.AddRange(block.Unread);
            if (block.Pool is not null)
                _host.Blocks.Return(block);
            block = next;
        }

        if (bytes.Count > 0)
            _stream.AcknowledgeExamined(_generation, bytes.Count);
        return Checked([.. bytes], bytes.Count) + (isEnd ? " end" : "") + (failure is null ? "" : $" {failure.Error}");
    }

    private void SetDeadline(StreamStep step)
    {
        // Never two at the same time: reads' end in 1, writes' in 2, and probes' in 0.
        StreamAlarm alarm = step.Flag ? StreamAlarm.Read : StreamAlarm.Write;
        long due = step.Other % 4 == 0 ? long.MaxValue : _host.Time + (step.Other % 300 * 10L) + (step.Flag ? 1 : 2);
        DateTimeOffset? deadline = due == long.MaxValue ? null : new DateTimeOffset(due, TimeSpan.Zero);
        Same(
            () => Void(() =>
            {
                _stream.SetDeadline(_generation, alarm, deadline);
                Assert.That(_stream.GetDeadline(_generation, alarm), Is.EqualTo(deadline));
            }),
            step.Flag ? _model.SetReadDeadline(due) : _model.SetWriteDeadline(due));
    }

    private void Compare()
    {
        Assert.That(_host.Sent, Is.EqualTo(_model.Sent), "what was sent");
        if (_model.Read is not null && _read is not null)
            Assert.That(Outcome(_read), Is.EqualTo(_model.Read), "the read");
        if (_read is { IsCompletedSuccessfully: true } && !_isReadChecked)
            Checked(_readBuffer, _read.Result);
        _isReadChecked = _read is { IsCompleted: true };
        if (_model.Write is not null && _write is not null)
            Assert.That(Outcome(_write), Is.EqualTo(_model.Write), "the write");
        Assert.That(_host.WireClosed, Is.EqualTo(_model.IsWireClosed ? 1 : 0), "closed on the wire");
        Assert.That(_host.Released, Is.EqualTo(_model.IsRecycled ? 1 : 0), "free for its next stream");
        Assert.That(_host.Time, Is.EqualTo(_model.Time));
        MuxadoStreamSnapshot? snapshot = _stream.GetSnapshot(_host, Id);
        Assert.That(snapshot is null, Is.EqualTo(_model.IsRecycled), "known by its id");
        if (snapshot is not null)
            Compare(snapshot);
    }

    private void Compare(MuxadoStreamSnapshot stream)
    {
        Assert.That(
            (stream.UnreadBytes, stream.ReceiveWindowBytes, stream.ReceiveCreditBytes, stream.AreReadsCompleted, stream.IsReadWaiting),
            Is.EqualTo((_model.Unread, _model.WindowSize, _model.ReceiveCredit, _model.IsFinReceived, _model.IsReadWaiting)),
            "unread, window, credit, FIN, waiting read");
        Assert.That(
            (stream.SendCreditBytes, stream.AreWritesCompleted, stream.IsWriteWaiting, stream.UnsentBytes),
            Is.EqualTo(((int)_model.SendWindow, _model.AreWritesCompleted, _model.IsWriteWaiting, _model.Unsent)),
            "window, writes completed, waiting write, unsent");
        Assert.That((stream.IsDisposed, stream.Error), Is.EqualTo((_model.IsReleased, _model.Error)));
        Assert.That(_stream.CanRead(_generation), Is.EqualTo(_model.CanRead));
        Assert.That(_stream.CanWrite(_generation), Is.EqualTo(_model.CanWrite));
    }

    /// <summary>The count of bytes that were read, if they are those that come next; the model has gone on behind them already.</summary>
    private string Checked(byte[] buffer, int count)
    {
        Assert.That(buffer.AsSpan(0, count).SequenceEqual(Pattern(_model.ReadTo - count, count)), Is.True, "the bytes in their order");
        return $"{count}";
    }

    private static string Outcome(Task task)
    {
        if (!task.IsCompleted)
            return StreamModel.Waits;
        if (task.IsCanceled)
            return StreamModel.Cancelled;
        if (task.Exception is { } failure)
            return Describe(failure.InnerException!);
        return task is Task<int> read ? $"{read.Result}" : "done";
    }

    private static void Same(Func<string> act, string expected)
    {
        string outcome;
        try
        {
            outcome = act();
        }
        catch (Exception failure) when (failure is MuxadoException or InvalidOperationException)
        {
            outcome = Describe(failure);
        }

        Assert.That(outcome, Is.EqualTo(expected));
    }

    private static string Void(Action act)
    {
        act();
        return "";
    }

    private static string Describe(Exception failure) => failure switch
    {
        MuxadoException muxado => $"{muxado.Error}",
        ObjectDisposedException => StreamModel.Disposed,
        InvalidOperationException => StreamModel.Invalid,
        _ => failure.ToString(),
    };

    private static byte[] Pattern(int from, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = (byte)(((from + i) * 7) + ((from + i) >> 8));
        return bytes;
    }
}
