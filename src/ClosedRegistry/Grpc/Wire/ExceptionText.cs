namespace Grpc.Wire;

static class ExceptionText
{
    /// <summary>Type and message of an exception and of those inside.</summary>
    public static string Describe(Exception exception)
    {
        var own = $"{exception.GetType().Name}: {exception.Message}";
        return exception.InnerException is null ? own : $"{own} {Describe(exception.InnerException)}";
    }
}
