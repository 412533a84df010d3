namespace L2R.Cli.Waterfalls;

/// <summary>Sentences as lines of a terminal.</summary>
static class Wrapped
{
    const int Columns = 100;

    /// <summary>Breaks a text at its blanks.</summary>
    /// <param name="bullet">What the first line begins with; the others are indented as far.</param>
    public static IEnumerable<string> Lines(string text, string bullet = "")
    {
        var (line, begin) = (bullet, bullet);
        foreach (var word in text.Split(' '))
        {
            if (line.Length > begin.Length && line.Length + 1 + word.Length > Columns)
            {
                yield return line;
                line = begin = new string(' ', bullet.Length);
            }
            line += line.Length > begin.Length ? $" {word}" : word;
        }
        yield return line;
    }
}
