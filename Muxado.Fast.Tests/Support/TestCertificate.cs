using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muxado.Fast.Tests.Support;

/// <summary>A throw-away certificate for "localhost", made anew in each run, and TLS options that use it.</summary>
public static class TestCertificate
{
    private static readonly Lazy<X509Certificate2> s_certificate = new(Create);

    public static X509Certificate2 Value => s_certificate.Value;

    public static SslServerAuthenticationOptions ServerOptions => new() { ServerCertificate = Value };

    /// <summary>Trusts this certificate and no other. The names are checked as usual.</summary>
    public static SslClientAuthenticationOptions ClientOptions => new()
    {
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            certificate?.GetCertHashString() == Value.GetCertHashString()
            && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch),
    };

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
