using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class ExtensionTests
{
    private const uint GreetingType = 0xFFFFFF10;

    [Test]
    public async Task An_extension_on_both_sides_exchanges_messages_beside_the_application()
    {
        var asking = new Greeting(asks: true);
        var answering = new Greeting(asks: false);
        await using var pair = await SessionPair.ConnectAsync(clientOptions: With(asking), serverOptions: With(answering));

        Assert.That(await asking.Heard.Task.Soon(), Is.EqualTo("hello, client"));
        Assert.That(await answering.Heard.Task.Soon(), Is.EqualTo("hello, server"));
        Assert.That((await answering.Session.Task.Soon(), await asking.Session.Task.Soon()), Is.EqualTo((pair.Server, pair.Client)));
        Assert.That((pair.Client.ActiveStreams, pair.Server.ActiveStreams), Is.EqualTo((0, 0)));
        await pair.OpenAsync();
    }

    [Test]
    public async Task A_peer_without_the_extension_refuses_its_stream_and_lives()
    {
        var asking = new Greeting(asks: true);
        await using var pair = await SessionPair.ConnectAsync(clientOptions: With(asking));

        var failure = await Fails.With<MuxadoException>(() => asking.Heard.Task);

        Assert.That((failure.Error, failure.ErrorCode), Is.EqualTo((MuxadoError.StreamAborted, MuxadoErrorCode.StreamClosed)));
        await pair.OpenAsync();
    }

    [Test]
    public async Task An_extension_that_throws_loses_its_stream_and_harms_nothing_else([Values] bool atOnce)
    {
        var asking = new Greeting(asks: true);
        await using var pair = await SessionPair.ConnectAsync(clientOptions: With(asking), serverOptions: With(new Faulty(atOnce)));

        await Fails.With<Exception>(() => asking.Heard.Task);

        await pair.OpenAsync();
        await pair.OpenAsync(fromServer: true);
        Assert.That(pair.Server.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task An_extensions_token_is_cancelled_when_the_session_has_ended()
    {
        var lasting = new Lasting();
        await using var pair = await SessionPair.ConnectAsync(clientOptions: With(lasting));

        pair.Client.Abort();

        await lasting.Ended.Task.Soon();
    }

    [Test]
    public void A_type_that_is_not_reserved_makes_no_extension()
    {
        Assert.That(() => new Lasting(streamType: 7), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static MuxadoSessionOptions With(MuxadoExtension extension) => new() { Extensions = [extension] };

    /// <summary>One side greets on a stream of its own; the other greets back.</summary>
    private sealed class Greeting(bool asks) : MuxadoExtension(GreetingType)
    {
        public TaskCompletionSource<string> Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<MuxadoSession> Session { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected internal override async Task RunAsync(MuxadoExtensionContext session, CancellationToken sessionEnded)
        {
            Session.SetResult(session.Session);
            if (!asks)
                return;

            try
            {
                await using var stream = session.OpenStream(priority: 3);
                await stream.WriteAsync("hello, server"u8.ToArray(), completeWrites: true, sessionEnded);
                using var reader = new StreamReader(stream);
                var heard = await reader.ReadToEndAsync(sessionEnded);
                Heard.SetResult(heard.Length > 0 ? heard : throw new IOException("Nothing was heard."));
            }
            catch (Exception failure)
            {
                Heard.SetException(failure);
            }
        }

        protected internal override async Task OnStreamAsync(
            MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded)
        {
            using var reader = new StreamReader(stream);
            Heard.SetResult(await reader.ReadToEndAsync(sessionEnded));
            await stream.WriteAsync("hello, client"u8.ToArray(), completeWrites: true, sessionEnded);
        }
    }

    private sealed class Faulty(bool atOnce) : MuxadoExtension(GreetingType)
    {
        protected internal override Task RunAsync(MuxadoExtensionContext session, CancellationToken sessionEnded) =>
            throw new FormatException("an extension fails as it starts");

        protected internal override async Task OnStreamAsync(
            MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded)
        {
            if (!atOnce)
                await stream.ReadExactlyAsync(new byte[1], sessionEnded);

            throw new FormatException("an extension fails on a stream");
        }
    }

    private sealed class Lasting(uint streamType = GreetingType) : MuxadoExtension(streamType)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected internal override Task RunAsync(MuxadoExtensionContext session, CancellationToken sessionEnded)
        {
            sessionEnded.Register(Ended.SetResult);
            return Ended.Task;
        }

        protected internal override Task OnStreamAsync(MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded) =>
            Task.CompletedTask;
    }
}
