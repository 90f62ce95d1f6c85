using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>What a host has logged. An error there is a bug of the transport's: nothing that a peer does may cause one.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LoggedEvent> _events = new();

    public IEnumerable<LoggedEvent> Events => _events;

    public IEnumerable<LoggedEvent> Errors => _events.Where(logged => logged.Level >= LogLevel.Error);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(RecordedLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._events.Enqueue(new LoggedEvent(logLevel, name, eventId.Id, formatter(state, exception), exception));
    }
}

internal sealed record LoggedEvent(LogLevel Level, string Category, int Id, string Text, Exception? Exception);
