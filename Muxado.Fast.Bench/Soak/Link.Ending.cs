using System.Net.Sockets;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <content>The ways in which a soak ends a session, while streams are in use.</content>
internal sealed partial class Link
{
    /// <summary>Ends it in one of many ways, and waits until both sides have ended.</summary>
    public async Task EndAsync(Dice dice)
    {
        var onClient = dice.Chance(0.5);
        switch (dice.Between(1, 10))
        {
            case 1:
                await AbortAsync(onClient);
                break;
            case 2 when clientSocket is not null:
                ResetConnection(clientSocket);
                break;
            case 3:
                await GoAwayAsync(onClient, dice);
                await CloseAsync(dice.Chance(0.5), dice);
                break;
            case 4:
                await GoAwayAsync(onClient, dice);
                await GoAwayAsync(!onClient, dice);
                await ShutdownAsync(onClient);
                break;
            case 5:
                await ShutdownAsync(onClient);
                break;
            case 6:
                await Task.WhenAll(ShutdownAsync(true), ShutdownAsync(false));
                break;
            case 7:
                await ShutdownOrAbortAsync(onClient, dice);
                break;
            case 8:
                await Task.WhenAll(CloseAsync(true, dice), CloseAsync(false, dice));
                break;
            default:
                await CloseAsync(onClient, dice);
                break;
        }

        await WaitUntilOverAsync();
    }

    /// <summary>Waits until both sides have ended, and checks why.</summary>
    public async Task WaitUntilOverAsync()
    {
        await WaitUntilOverAsync(onClient: true);
        await WaitUntilOverAsync(onClient: false);
    }

    private async Task WaitUntilOverAsync(bool onClient)
    {
        var completion = SideOf(onClient).Completion;
        await context.Watchdog.WatchAsync(completion, $"the end of the {SideName(onClient)}'s side", this);
        if (ExplainEnd(await completion, onClient) is { } wrong)
            context.Tally.Report($"{this}: {wrong}");
        await SideOf(onClient).DisposeAsync();
    }

    private MuxadoSession SideOf(bool isClient) => isClient ? client : server;

    private Task AbortAsync(bool onClient)
    {
        context.Tally.Count(Disturbance.AbortSession);
        Note(onClient, Acts.Abort);
        SideOf(onClient).Abort();
        return Task.CompletedTask;
    }

    /// <summary>The connection is cut in a way that TCP tells the peer of at once, with what it has not read yet dropped.</summary>
    private void ResetConnection(Socket socket)
    {
        context.Tally.Count(Disturbance.ResetConnection);
        Note(onClient: true, Acts.Abort);
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        client.Abort();
    }

    private async Task GoAwayAsync(bool onClient, Dice dice)
    {
        context.Tally.Count(Disturbance.GoAway);
        Note(onClient, Acts.GoAway);
        await SideOf(onClient).GoAwayAsync(dice.Pick(MuxadoErrorCode.NoError, MuxadoErrorCode.InternalError), new byte[dice.Between(0, 100)]);
        await Task.Delay(dice.Milliseconds(0, 30));
    }

    private async Task CloseAsync(bool onClient, Dice dice)
    {
        context.Tally.Count(Disturbance.CloseSession);
        Note(onClient, Acts.Close);
        var code = dice.Pick(MuxadoErrorCode.NoError, MuxadoErrorCode.NoError, MuxadoErrorCode.InternalError);
        await context.Watchdog.WatchAsync(SideOf(onClient).CloseAsync(code).AsTask(), $"CloseAsync by the {SideName(onClient)}", this);
    }

    private async Task ShutdownAsync(bool onClient)
    {
        context.Tally.Count(Disturbance.ShutDownSession);
        Note(onClient, Acts.Shutdown);
        await context.Watchdog.WatchAsync(SideOf(onClient).ShutdownAsync().AsTask(), $"ShutdownAsync by the {SideName(onClient)}", this);
    }

    /// <summary>A shutdown that loses its patience.</summary>
    private async Task ShutdownOrAbortAsync(bool onClient, Dice dice)
    {
        context.Tally.Count(Disturbance.ShutDownSession);
        Note(onClient, Acts.Shutdown | Acts.Abort);
        using var patience = new CancellationTokenSource(dice.Milliseconds(0, 5));
        try
        {
            await context.Watchdog.WatchAsync(
                SideOf(onClient).ShutdownAsync(patience.Token).AsTask(), $"a cancelled ShutdownAsync by the {SideName(onClient)}", this);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            context.Tally.Count(Disturbance.AbortSession);
        }
    }
}
