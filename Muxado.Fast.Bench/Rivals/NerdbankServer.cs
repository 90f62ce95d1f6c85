using System.Net.Sockets;
using Nerdbank.Streams;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of the Nerdbank.Streams arm: accepts every channel where its offer is announced, by number, not by name.</summary>
internal static class NerdbankServer
{
    public static ArmServer Start() => new SocketServer(
        socket => ServeAsync(socket, EchoAsync),
        socket => ServeAsync(socket, channel => SocketServer.SinkAsync(channel.AsStream())));

    private static async Task ServeAsync(Socket socket, Func<MultiplexingStream.Channel, Task> serve)
    {
        await using var connection = NerdbankOptions.Create(socket);
        connection.ChannelOffered += (_, offer) =>
            _ = SocketServer.ReportFailureAsync(serve(connection.AcceptChannel(offer.QualifiedId.Id, NerdbankOptions.Channel)));
        connection.StartListening();
        await connection.Completion;
    }

    private static async Task EchoAsync(MultiplexingStream.Channel channel)
    {
        while (true)
        {
            var read = await channel.Input.ReadAsync();
            foreach (var segment in read.Buffer)
                await channel.Output.WriteAsync(segment);
            channel.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        await channel.Output.CompleteAsync();
        await channel.Input.CompleteAsync();
    }
}
