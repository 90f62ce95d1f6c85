using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Muxado.Fast.Bench.Echo;

/// <summary>A self-signed certificate that lives as long as the process and is never written anywhere.</summary>
internal static class ThrowAwayCertificate
{
    public static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Muxado.Fast.Bench", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        // SChannel cannot use a key that exists only in this object; a trip through PKCS #12 makes one that every platform can.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }
}
