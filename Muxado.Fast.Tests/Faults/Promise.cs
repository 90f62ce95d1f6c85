using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>
/// What holds for an application whatever happens to its connection: it has read exactly what came, a stream ends in order only
/// where its whole end came, everything else has failed with the reason, and what it wrote is on the wire as it was written.
/// </summary>
internal static class Promise
{
    /// <param name="talker">The application, whose session has ended.</param>
    /// <param name="heard">The bytes that came.</param>
    /// <param name="said">The bytes that left; some at the end may be missing where they are not known.</param>
    public static void Verify(Talker talker, ReadOnlySpan<byte> heard, ReadOnlySpan<byte> said)
    {
        Assert.That(talker.Session.Completion.IsCompletedSuccessfully, "the session has not ended");
        Assert.That(talker.Ended.IsCompleted, "operations have not ended");
        if (talker.Ended.Exception is { } failure)
            throw new AssertionException($"The application failed: {failure}");
        var end = talker.Session.Completion.Result;
        var reason = end.Error == MuxadoError.None ? MuxadoError.SessionClosed : end.Error;
        var (came, left) = (WireText.Of(heard), WireText.Of(said));

        // Who closes does not listen any more to what comes after that.
        bool hasHeardAll = end.LocalCode is null;
        if (talker.Accepts)
        {
            Expect(talker.Accepting?.Error == reason, $"accepting ended with {talker.Accepting}, the session with {end.Error}");
            uint[] accepted = [.. talker.Accepted.Select(talk => talk.Id)];
            Expect(
                came.Opened.Take(hasHeardAll ? int.MaxValue : accepted.Length).SequenceEqual(accepted),
                $"of the streams {string.Join(' ', came.Opened)} these were accepted: {string.Join(' ', accepted)}");
        }

        foreach (var talk in talker.Talks)
        {
            VerifyReading(talk, came[talk.Id], reason, hasHeardAll);
            VerifyWriting(talk, left[talk.Id], came[talk.Id].ResetCode, reason);
        }
    }

    /// <summary>Whether everything was said, heard and ended in order, but on streams that were unwelcome.</summary>
    public static void VerifyComplete(Talker talker, int talks)
    {
        Assert.That(talker.Talks, Has.Count.EqualTo(talks));
        foreach (var talk in talker.Talks.Where(talk => talk.Stream.StreamType != Message.Unwelcome))
        {
            Expect(talk.Reading == Ending.InOrder && talk.Writing == Ending.InOrder, $"stream {talk.Id}: {talk.Reading}, {talk.Writing}");
            Expect(talk.Content.AsSpan().SequenceEqual(talk.Heard), $"stream {talk.Id} did not hear what it said");
        }
    }

    private static void VerifyReading(Talk talk, WireStream came, MuxadoError reason, bool hasHeardAll)
    {
        if (talk.Reading is null)
            return; // Unwelcome, or left unread.
        if (!hasHeardAll && talk.Reading.Error == reason)
        {
            Expect(came.Content.Take(talk.Heard.Length).SequenceEqual(talk.Heard), $"stream {talk.Id} says what did not come");
            return;
        }

        var expected = came.ResetCode is { } code ? ErrorOf(code) : came.HasFin ? MuxadoError.None : reason;
        Expect(talk.Reading.Error == expected, $"reading stream {talk.Id} ended with {talk.Reading}; it had to be {expected}");
        Expect(came.ResetCode is null || talk.Reading.Code == came.ResetCode, $"stream {talk.Id} was reset with {came.ResetCode}");
        Expect(came.Content.SequenceEqual(talk.Heard), $"on stream {talk.Id} {came.Content.Count} bytes came and {talk.Heard.Length} were read");
    }

    private static void VerifyWriting(Talk talk, WireStream left, MuxadoErrorCode? resetCode, MuxadoError reason)
    {
        Expect(talk.Content.AsSpan().StartsWith(left.Content.ToArray()), $"stream {talk.Id} says what was not written");
        Expect(!left.HasFin || left.Content.Count == talk.Content.Length, $"stream {talk.Id} ends before all was said");
        if (talk.Writing is null || talk.Writing == Ending.InOrder)
            return;
        var expected = resetCode is { } code ? ErrorOf(code) : reason;
        Expect(talk.Writing.Error == expected, $"writing stream {talk.Id} ended with {talk.Writing}; it had to be {expected}");
        bool wasSeen = left.IsOpened && resetCode != MuxadoErrorCode.RefusedStream;
        Expect(!talk.Writing.IsRetrySafe || !wasSeen, $"stream {talk.Id} was called safe to retry, but the peer may have seen it");
    }

    private static MuxadoError ErrorOf(MuxadoErrorCode resetCode) =>
        resetCode == MuxadoErrorCode.RefusedStream ? MuxadoError.StreamRefused : MuxadoError.StreamAborted;

    // Plain conditions: this runs ten thousands of times, and a constraint costs more than all that it looks at.
    private static void Expect(bool condition, string broken)
    {
        if (!condition)
            throw new AssertionException(broken);
    }
}
