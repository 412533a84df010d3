using System.Text;
using System.Xml;

namespace L2R.Cli.Exports;

static class XmlText
{
    /// <summary>The text; what XML 1.0 has no way to write (most control characters, half a surrogate pair) becomes U+FFFD.</summary>
    public static string Of(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
        {
            return text;
        }
        var written = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            written.Append(rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD");
        }
        return written.ToString();
    }
}
