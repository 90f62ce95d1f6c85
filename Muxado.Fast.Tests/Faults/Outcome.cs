using System.Text;

namespace Muxado.Fast.Tests.Faults;

/// <summary>All that a session's application and its peer can see of a conversation, as text: two that differ in nothing else than when bytes came are equal.</summary>
internal static class Outcome
{
    public static string Of(Talker talker, ReadOnlySpan<byte> said)
    {
        var left = WireText.Of(said);
        var text = new StringBuilder();
        foreach (var talk in talker.Talks.OrderBy(talk => talk.Id))
        {
            text.Append(talk.Id).Append(" type ").Append(talk.Stream.StreamType).Append(" priority ").Append(talk.Stream.Priority);
            text.AppendLine().Append("  read ").Append(talk.Reading?.Error).Append(' ').Append(Convert.ToHexString(talk.Heard));
            text.AppendLine().Append("  wrote ").Append(talk.Writing?.Error).Append(' ').Append(Convert.ToHexString(talk.Content));
            var stream = left[talk.Id];
            text.AppendLine().Append("  sent ").Append(stream.IsOpened).Append(' ').Append(stream.HasFin).Append(' ').Append(stream.ResetCode);
            text.Append(' ').AppendLine(Convert.ToHexString([.. stream.Content]));
        }

        var end = talker.Session.Completion.Result;
        text.Append(talker.Accepting?.Error).Append(' ').Append(end.Error).Append(' ').Append(end.PeerCode).Append(' ');
        text.Append(Convert.ToHexString(end.PeerDebug.Span)).Append(' ').Append(left.GoAwayCode);
        return text.ToString();
    }
}
