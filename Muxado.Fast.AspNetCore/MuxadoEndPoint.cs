using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.AspNetCore;

/// <summary>
/// Where Kestrel listens to sessions instead of to the network: <c>kestrel.Listen(endPoint)</c> binds it, and
/// <see cref="ServeAsync"/> gives it sessions, at any time and any number of them.
/// </summary>
/// <remarks>
/// Owner: the application, which shares it between the host that listens and the code that dials or accepts sessions.
/// Threading: all members may be called at any time, from any thread.
/// Invariants: one object is one listener; two with the same name are different end points. It is bound once, and stopped for good when its
/// listener is.
/// Reuse: none. A host that starts anew needs a new one.
/// </remarks>
public sealed class MuxadoEndPoint : EndPoint
{
    private readonly TaskCompletionSource<MuxadoConnectionListener> _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates an end point that nobody listens on yet.</summary>
    /// <param name="name">For logs, and for the addresses that the server reports. It need not be unique.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public MuxadoEndPoint(string name = "muxado")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>For logs, and for the addresses that the server reports.</summary>
    public string Name { get; }

    /// <summary>None: it is not an address of a network.</summary>
    public override AddressFamily AddressFamily => AddressFamily.Unspecified;

    /// <summary>Makes every stream that the session's peer opens a connection to this end point, until one of these happens:</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>The session ends: the task ends. <see cref="MuxadoSession.Completion"/> says why the session did.</item>
    /// <item>The host stops, or stops listening here: the task ends. The session goes on, and belongs to the caller as before. Connections
    /// under way are finished by Kestrel as the host's shutdown allows. Streams that the peer opens from now on wait in the session's backlog for whoever
    /// accepts next; unless somebody does, close the session, or call <see cref="MuxadoSession.GoAwayAsync"/>, which refuses those to come,
    /// safe to retry.</item>
    /// <item>The token is cancelled: the task ends with an <see cref="OperationCanceledException"/>, and the same holds.</item>
    /// </list>
    /// May be called before the host has started: the peer's streams wait until it has. May be called for any number of sessions at once, dialled and
    /// accepted ones alike. When several callers accept from one session, each stream goes to one of them.
    /// </remarks>
    /// <param name="session">The session to serve. It stays the caller's: nothing here closes it.</param>
    /// <param name="cancellationToken">Ends the serving, not the session, and no connection that is under way.</param>
    /// <exception cref="InvalidOperationException">The end point was stopped before; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ServeAsync(MuxadoSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!_listener.Task.IsCompleted)
            await Task.WhenAny(_listener.Task, session.Completion).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!_listener.Task.IsCompleted)
            return; // The session ended before anybody listened.

        MuxadoConnectionListener listener = await _listener.Task.ConfigureAwait(false);
        if (listener.IsUnbound)
            throw new InvalidOperationException($"{this} was stopped, with the host that listened on it. Serve through an end point of a host that runs.");
        await listener.ServeAsync(session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As an address: <c>muxado/name</c>, of which Kestrel makes <c>http://muxado/name</c> in its list of addresses.</summary>
    public override string ToString() => $"muxado/{Name}";

    /// <summary>Gives the end point the one listener that it ever has. False: it has, or had, another.</summary>
    internal bool TryBind(MuxadoConnectionListener listener) => _listener.TrySetResult(listener);

    /// <summary>Why it could not be bound.</summary>
    internal InvalidOperationException BoundAlready() => new(_listener.Task.Result.IsUnbound
        ? $"{this} was stopped, and an end point is bound only once. Create a new {nameof(MuxadoEndPoint)} for the new host."
        : $"{this} is listened on already. Create another {nameof(MuxadoEndPoint)}, or listen once.");
}
