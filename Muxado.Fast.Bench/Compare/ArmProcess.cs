using System.Diagnostics;
using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>This program again, or an arm's own, as the server or the client of an arm. It ends when its standard input does.</summary>
internal sealed class ArmProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_exitTime = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly string _name;

    public ArmProcess(string command, string arm, params string[] arguments)
    {
        _name = $"{command} {arm}";
        _process = Process.Start(StartInfo(arm, [command, arm, .. arguments]))!;
    }

    public int Id => _process.Id;

    /// <exception cref="CommandFailedException">It ended, or did not answer in time.</exception>
    public async Task<T> ReadAsync<T>(TimeSpan patience, CancellationToken cancellationToken) =>
        JsonLine.Read<T>(await ReadLineAsync(patience, cancellationToken));

    /// <exception cref="CommandFailedException">It ended, or did not answer in time.</exception>
    public async Task<string> ReadLineAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        string? line;
        try
        {
            line = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new CommandFailedException($"the process '{_name}' did not answer within {patience.TotalSeconds:0} s");
        }

        return line ?? throw new CommandFailedException($"the process '{_name}' ended; see above for why");
    }

    /// <exception cref="CommandFailedException">It ended.</exception>
    public async Task WriteAsync<T>(T value)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonLine.Write(value));
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException failure)
        {
            throw new CommandFailedException($"the process '{_name}' ended; see above for why", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        CloseInput();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(s_exitTime);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it read all that was written.
        }
    }

    private static ProcessStartInfo StartInfo(string arm, IEnumerable<string> arguments)
    {
        // This program was started as 'dotnet Muxado.Fast.Bench.dll' or through its own executable.
        var foreign = (ArmCatalog.Find(arm) as GoEntry)?.ProgramPath;
        var program = foreign ?? Environment.ProcessPath!;
        var hosted = foreign is null && Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, hosted ? [typeof(ArmProcess).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
    }
}
