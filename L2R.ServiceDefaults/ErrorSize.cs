using System.Text;
using L2R.Rpc;

namespace L2R.ServiceDefaults;

/// <summary>Keeps an error small, whatever its caller sent: its message and its details travel as headers.</summary>
/// <remarks>
/// Clients exist that take 8 KB of headers in all, and drop the reason of an answer that has more. The gateway takes 64 KB: an
/// answer beyond that breaks the connection to the service, and with it the calls of other tenants.
/// </remarks>
public static class ErrorSize
{
    const int MostMessage = 1000;
    const int MostDetails = 3000; // 4000 as base64
    const int MostJoined = 800; // leaves room for the sentence around it
    const int MostDescription = 900;
    const int MostValue = 300;
    const int MostEcho = 64;
    const int RoomOfAny = 64; // type URL and lengths
    const string Ellipsis = "...";

    /// <summary>What a caller sent, as an error repeats it: at most 64 characters of it.</summary>
    public static string Echo(this string sent) => Cut(sent, MostEcho, _ => 1);

    /// <summary>As many of the parts as a message has room for, at least one, and how many it has not.</summary>
    internal static string Join(IReadOnlyList<string> parts)
    {
        var joined = Cut(parts[0], MostJoined, SentOctets);
        var count = 1;
        for (; count < parts.Count && SentLength(joined) + SentLength(parts[count]) <= MostJoined; count++)
        {
            joined += "; " + parts[count];
        }
        return count == parts.Count ? joined : $"{joined}; and {parts.Count - count} more";
    }

    internal static string CutMessage(string message) => Cut(message, MostMessage, SentOctets);

    internal static string CutValue(string value) => Cut(value, MostValue, rune => rune.Utf8SequenceLength);

    /// <summary>Leaves as many violations as there is room for beside what the details have already.</summary>
    /// <param name="taken">In bytes.</param>
    internal static void CutViolations(BadRequest badRequest, int taken)
    {
        var room = MostDetails - RoomOfAny - taken;
        var violations = badRequest.FieldViolations.ToList();
        badRequest.FieldViolations.Clear();
        foreach (var violation in violations)
        {
            violation.Field = CutValue(violation.Field);
            violation.Description = Cut(violation.Description, MostDescription, rune => rune.Utf8SequenceLength);
            badRequest.FieldViolations.Add(violation);
            if (badRequest.CalculateSize() > room)
            {
                badRequest.FieldViolations.RemoveAt(badRequest.FieldViolations.Count - 1);
                return;
            }
        }
    }

    static string Cut(string text, int most, Func<Rune, int> length)
    {
        var (total, kept, room) = (0, 0, most - Ellipsis.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            total += length(rune);
            if (total > most)
            {
                return text[..kept] + Ellipsis;
            }
            kept += total <= room ? rune.Utf16SequenceLength : 0;
        }
        return text;
    }

    static int SentLength(string text) => text.EnumerateRunes().Sum(SentOctets);

    // As GrpcAnswers.Encode and every gRPC server write them.
    static int SentOctets(Rune rune) => rune.Value is >= 0x20 and <= 0x7E and not '%' ? 1 : 3 * rune.Utf8SequenceLength;
}
