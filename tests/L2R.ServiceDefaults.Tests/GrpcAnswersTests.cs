namespace L2R.ServiceDefaults.Tests;

public sealed class GrpcAnswersTests
{
    [Theory]
    [InlineData("Send 'authorization: Bearer <token>'; ./l2r token.", "Send 'authorization: Bearer <token>'; ./l2r token.")]
    [InlineData("100% sure\n", "100%25 sure%0A")]
    [InlineData("Größe", "Gr%C3%B6%C3%9Fe")]
    public void Escapes_what_a_header_cannot_carry_and_nothing_else(string message, string encoded) =>
        Assert.Equal(encoded, GrpcAnswers.Encode(message));
}
