using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Cli;

/// <summary>HOST:PORT as it is written on the command line: an IPv4 address, an IPv6 address in brackets, or a name.</summary>
internal readonly record struct HostPort(string Host, int Port)
{
    public static Option<HostPort> Option(string name, string description, int leastPort) => new(name)
    {
        Description = description,
        HelpName = "HOST:PORT",
        Required = true,
        CustomParser = argument => Parse(argument, leastPort),
    };

    public static bool TryParse(string text, out HostPort result)
    {
        result = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
        }
        else if (Uri.CheckHostName(host) is not (UriHostNameType.IPv4 or UriHostNameType.Dns))
        {
            return false;
        }

        result = new HostPort(host, port);
        return true;
    }

    public EndPoint ToEndPoint() => IPAddress.TryParse(Host, out var address) ? new IPEndPoint(address, Port) : new DnsEndPoint(Host, Port);

    /// <summary>The address to listen on; a name is resolved to its first address.</summary>
    public async Task<IPEndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(Host, cancellationToken);
        return new IPEndPoint(addresses[0], Port);
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static HostPort Parse(ArgumentResult argument, int leastPort)
    {
        var text = argument.Tokens[0].Value;
        if (!TryParse(text, out var result) || result.Port < leastPort)
            argument.AddError($"'{text}' is not HOST:PORT. Write an address or a name, a colon and a port from {leastPort} to 65535, as in 127.0.0.1:7000 or [::1]:7000.");
        return result;
    }
}
