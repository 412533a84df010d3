namespace L2R.Intake.Domain;

/// <summary>An address in the form that leads are compared by: trimmed and lower-case.</summary>
/// <remarks>
/// Deliberately lax: RFC 5321 bounds the length, and only a sent message proves that an address works.
/// </remarks>
public sealed record EmailAddress
{
    const int MaxLength = 254; // RFC 5321, section 4.5.3.1.3, less the angle brackets

    EmailAddress(string value) => Value = value;

    public string Value { get; }

    /// <returns>Null when <paramref name="text"/> has no name and domain around one at-sign, has space inside, or is too long.</returns>
    public static EmailAddress? TryParse(string text)
    {
        var value = text.Trim().ToLowerInvariant();
        return value.Length <= MaxLength
            && !value.Any(char.IsWhiteSpace)
            && value.Split('@') is [{ Length: > 0 }, { Length: > 0 } domain]
            && domain.Contains('.', StringComparison.Ordinal)
            ? new EmailAddress(value)
            : null;
    }

    public override string ToString() => Value;
}
