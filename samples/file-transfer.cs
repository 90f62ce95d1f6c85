#!/usr/bin/env dotnet
#:project ../Muxado.Fast/Muxado.Fast.csproj
#:package Spectre.Console

// Sends files side by side over one connection, shows how far each has come, and compares checksums in the end.
//
//   dotnet run samples/file-transfer.cs                                  three made-up files, both sides in one process
//   dotnet run samples/file-transfer.cs receive 127.0.0.1:7000 FOLDER    takes files until it is interrupted
//   dotnet run samples/file-transfer.cs send 127.0.0.1:7000 FILE...      sends them
//
// Ends with: 3 of 3 files arrived intact
//
// One stream is one file: a byte with the length of its name, its name, its content, half-close. The answer is the SHA-256 of
// what was received. No length goes ahead: a stream that is cut off ends with an error, never with a half-close.

using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Muxado.Fast;
using Spectre.Console;

const int ChunkBytes = 64 * 1024;

return args switch
{
    [] => await DemonstrateAsync(),
    ["receive", var address, var folder] when IPEndPoint.TryParse(address, out var listen) => await ReceiveAsync(listen, folder),
    ["send", var address, _, ..] when IPEndPoint.TryParse(address, out var receiver) => await SendAsync(receiver, args[2..]),
    _ => Usage(),
};

static async Task<int> DemonstrateAsync()
{
    var folder = Directory.CreateTempSubdirectory("file-transfer-");
    try
    {
        string[] files = [.. new[] { 4, 16, 48 }.Select(size => MakeFile(Path.Combine(folder.FullName, $"{size}MiB.bin"), size << 20))];
        var received = folder.CreateSubdirectory("received");
        await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        var receiving = Task.Run(async () => await ReceiveSessionAsync(await listener.AcceptSessionAsync(), received.FullName));
        var exitCode = await SendAsync((IPEndPoint)listener.LocalEndPoint, files);
        await receiving;
        return exitCode;
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

static async Task<int> SendAsync(IPEndPoint receiver, string[] files)
{
    var started = Stopwatch.GetTimestamp();
    await using var session = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = receiver });
    var intact = await AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn())
        .StartAsync(progress => Task.WhenAll(files.Select(file =>
            SendFileAsync(session, file, progress.AddTask(Markup.Escape(Path.GetFileName(file)), maxValue: new FileInfo(file).Length)))));
    await session.CloseAsync();

    foreach (var (file, same) in files.Zip(intact))
        Console.WriteLine($"{Path.GetFileName(file)}: {(same ? "intact" : "DAMAGED")}");

    var bytes = files.Sum(file => new FileInfo(file).Length);
    Console.WriteLine(
        $"{bytes / 1e6:0.0} MB in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; "
        + $"{intact.Count(same => same)} of {files.Length} files arrived intact");
    return intact.All(same => same) ? 0 : 1;
}

// Whether the receiver got exactly what was read here.
static async Task<bool> SendFileAsync(MuxadoSession session, string path, ProgressTask progress)
{
    await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
    await using var stream = session.OpenStream();
    var name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
    await stream.WriteAsync((byte[])[checked((byte)name.Length), .. name]);

    using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    var chunk = new byte[ChunkBytes];
    int count;
    while ((count = await file.ReadAsync(chunk)) > 0)
    {
        sha.AppendData(chunk, 0, count);
        await stream.WriteAsync(chunk.AsMemory(0, count));
        progress.Increment(count);
    }

    stream.CompleteWrites();
    var answer = new byte[SHA256.HashSizeInBytes];
    await stream.ReadExactlyAsync(answer);
    progress.StopTask();
    return answer.AsSpan().SequenceEqual(sha.GetHashAndReset());
}

static async Task<int> ReceiveAsync(IPEndPoint listen, string folder)
{
    Directory.CreateDirectory(folder);
    await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = listen });
    Console.WriteLine($"listening on {listener.LocalEndPoint}");
    while (true)
        _ = ReceiveSessionAsync(await listener.AcceptSessionAsync(), folder);
}

static async Task ReceiveSessionAsync(MuxadoSession accepted, string folder)
{
    await using var session = accepted;
    await foreach (var stream in session.AcceptStreamsAsync())
        _ = ReceiveFileAsync(stream, folder);
    if ((await session.Completion).Exception is { } failure)
        Console.Error.WriteLine($"a session ended: {failure.Message}");
}

static async Task ReceiveFileAsync(MuxadoStream accepted, string folder)
{
    await using var stream = accepted;
    var partial = Path.Combine(folder, Path.GetRandomFileName());
    try
    {
        var length = new byte[1];
        await stream.ReadExactlyAsync(length);
        var name = new byte[length[0]];
        await stream.ReadExactlyAsync(name);

        var sum = await StoreAsync(stream, partial);
        File.Move(partial, Path.Combine(folder, Path.GetFileName(Encoding.UTF8.GetString(name))), overwrite: true);
        await stream.WriteAsync(sum, completeWrites: true);
    }
    catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
    {
        // An ArgumentException is for a name that no file can have.
        stream.Abort(MuxadoErrorCode.InternalError); // Before our side half-closes: the sender must not wait for a checksum.
        File.Delete(partial);
        Console.Error.WriteLine($"a file was not received: {failure.Message}");
    }
}

static async Task<byte[]> StoreAsync(MuxadoStream stream, string path)
{
    await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
    using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    var chunk = new byte[ChunkBytes];
    int count;
    while ((count = await stream.ReadAsync(chunk)) > 0)
    {
        sha.AppendData(chunk, 0, count);
        await file.WriteAsync(chunk.AsMemory(0, count));
    }

    return sha.GetHashAndReset();
}

static string MakeFile(string path, int bytes)
{
    var content = new byte[bytes];
    Random.Shared.NextBytes(content);
    File.WriteAllBytes(path, content);
    return path;
}

static int Usage()
{
    Console.Error.WriteLine("usage: file-transfer.cs [receive ADDRESS:PORT FOLDER | send ADDRESS:PORT FILE...]");
    return 2;
}
