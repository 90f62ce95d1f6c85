namespace Muxado.Fast.Bench.Cli;

/// <summary>A command cannot go on, for a reason that its user can act on: the message is printed without a stack trace.</summary>
internal sealed class CommandFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
