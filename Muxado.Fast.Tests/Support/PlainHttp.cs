using System.Text;

namespace Muxado.Fast.Tests.Support;

/// <summary>HTTP/1.1 as far as tests of a client need it: one GET on each stream, one answer, then the end.</summary>
public static class PlainHttp
{
    /// <summary>Answers every stream that the peer opens, until the session ends.</summary>
    public static async Task ServeAsync(MuxadoSession session)
    {
        var answering = new List<Task>();
        await foreach (var stream in session.AcceptStreamsAsync())
            answering.Add(AnswerAsync(stream));

        await Task.WhenAll(answering);
    }

    private static async Task AnswerAsync(MuxadoStream stream)
    {
        await using (stream)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync())!.Split(' ')[1];
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // headers do not matter here
            }

            var body = $"you asked for {path}";
            var answer = $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), completeWrites: true);
        }
    }
}
