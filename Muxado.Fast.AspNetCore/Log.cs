using Microsoft.Extensions.Logging;

namespace Muxado.Fast.AspNetCore;

/// <summary>What the transport reports, under the category "Muxado.Fast.AspNetCore". Sessions are counted for each end point.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Session {Session} of {EndPoint}: attached, peer {RemoteEndPoint}.")]
    public static partial void SessionAttached(ILogger logger, int session, MuxadoEndPoint endPoint, System.Net.EndPoint? remoteEndPoint);

    [LoggerMessage(2, LogLevel.Information, "Session {Session} of {EndPoint}: detached; the session goes on.")]
    public static partial void SessionDetached(ILogger logger, int session, MuxadoEndPoint endPoint);

    [LoggerMessage(3, LogLevel.Information, "Session {Session} of {EndPoint}: ended, {Error}.")]
    public static partial void SessionEnded(ILogger logger, int session, MuxadoEndPoint endPoint, MuxadoError error, Exception? exception);

    [LoggerMessage(4, LogLevel.Debug, "Connection {ConnectionId}: accepted.")]
    public static partial void ConnectionAccepted(ILogger logger, string connectionId);

    [LoggerMessage(5, LogLevel.Debug, "Connection {ConnectionId}: the peer has sent its last byte.")]
    public static partial void ConnectionReadEnd(ILogger logger, string connectionId);

    [LoggerMessage(6, LogLevel.Debug, "Connection {ConnectionId}: lost, {Error}. {Reason}")]
    public static partial void ConnectionLost(ILogger logger, string connectionId, MuxadoError error, string reason);

    [LoggerMessage(7, LogLevel.Debug, "Connection {ConnectionId}: aborted on this side. {Reason}")]
    public static partial void ConnectionAborted(ILogger logger, string connectionId, string reason);

    [LoggerMessage(8, LogLevel.Debug, "Connection {ConnectionId}: closed.")]
    public static partial void ConnectionClosed(ILogger logger, string connectionId);

    [LoggerMessage(9, LogLevel.Debug, "Connection {ConnectionId}: refused; the end point is no longer listened on.")]
    public static partial void ConnectionRefused(ILogger logger, string connectionId);

    [LoggerMessage(10, LogLevel.Error, "Connection {ConnectionId}: a callback on ConnectionClosed threw.")]
    public static partial void ClosedCallbackThrew(ILogger logger, string connectionId, Exception exception);
}
