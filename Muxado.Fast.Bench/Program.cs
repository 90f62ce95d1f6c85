using Muxado.Fast.Bench.Cli;

return await BenchCommandLine.RunAsync(args);
