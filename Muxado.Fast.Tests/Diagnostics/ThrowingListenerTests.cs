using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.Loader;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>A listener that throws when it is told of the instruments: once in a process, so each case has a copy of the library of its own.</summary>
[NonParallelizable]
public sealed class ThrowingListenerTests
{
    [Test]
    public async Task A_listener_that_throws_as_it_is_told_of_an_instrument_costs_its_measurements_and_nothing_else()
    {
        using var listener = new MeterListener();
        var refused = 0;
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (refused < 0 || instrument.Meter.Name != "Muxado.Fast")
                return;
            refused++;
            throw new InvalidOperationException("The listener's own.");
        };
        var context = new AssemblyLoadContext(nameof(ThrowingListenerTests), isCollectible: false);
        var library = context.LoadFromAssemblyPath(typeof(MuxadoSession).Assembly.Location);
        var session = library.GetType(typeof(MuxadoSession).FullName!, throwOnError: true)!;
        var options = library.GetType(typeof(MuxadoSessionOptions).FullName!, throwOnError: true)!;
        var (near, far) = MemoryDuplex.CreatePair();

        try
        {
            listener.Start();
        }
        catch (InvalidOperationException)
        {
            // Of the library's other copy, which has published them before.
        }

        var before = refused;
        var client = (IAsyncDisposable)Create("CreateClient", near);
        var server = (IAsyncDisposable)Create("CreateServer", far);

        Assert.That(refused, Is.GreaterThan(before), "the listener was told, and threw");
        refused = -1;
        await client.DisposeAsync().Soon();
        await server.DisposeAsync().Soon();

        object Create(string method, Stream transport) =>
            session.GetMethod(method, BindingFlags.Public | BindingFlags.Static, [typeof(Stream), options])!.Invoke(null, [transport, null])!;
    }
}
