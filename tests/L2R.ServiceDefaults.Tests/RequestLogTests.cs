using L2R.Intake.V1;

namespace L2R.ServiceDefaults.Tests;

public sealed class RequestLogTests
{
    const string RequestId = "3f2c8a9e-7b1d-4c5e-9f00-1a2b3c4d5e6f";

    [Fact]
    public void A_request_is_the_same_whatever_the_letters_of_its_id()
    {
        var request = new DisqualifyLeadRequest { Name = "leads/A", Reason = "Spam", RequestId = RequestId };
        var capitals = request.Clone();
        capitals.RequestId = RequestId.ToUpperInvariant();

        Assert.Equal(RequestLog.Fingerprint("/a", request), RequestLog.Fingerprint("/a", capitals));
        Assert.Equal(RequestId.ToUpperInvariant(), capitals.RequestId); // the caller's is left alone
    }

    [Fact]
    public void Another_method_or_another_body_is_another_request()
    {
        var request = new DisqualifyLeadRequest { Name = "leads/A", Reason = "Spam", RequestId = RequestId };
        var others = new[] { ("/b", request.Clone()), ("/a", request.Clone()), ("/a", request.Clone()) };
        others[1].Item2.Reason = "spam";
        others[2].Item2.Name = "leads/a";

        Assert.All(others, other => Assert.NotEqual(RequestLog.Fingerprint("/a", request), RequestLog.Fingerprint(other.Item1, other.Item2)));
    }
}
