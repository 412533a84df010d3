using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call: keys in lower case, values ASCII, or bytes where the key ends in <c>-bin</c>. Keys may repeat.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>Holds nothing and takes nothing.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    readonly List<Entry> _entries = [];

    public Metadata()
        : this(isReadOnly: false)
    {
    }

    Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    public bool IsReadOnly { get; }

    public int Count => _entries.Count;

    public Entry this[int index]
    {
        get => _entries[index];
        set => Writable()[index] = Present(value);
    }

    /// <returns>The last entry of that key, or null.</returns>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.HasKey(key));

    /// <returns>The value of the last entry of that key, or null. Throws where it is binary.</returns>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <returns>The bytes of the last entry of that key, or null.</returns>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.HasKey(key));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item) => Writable().Add(Present(item));

    public void Insert(int index, Entry item) => Writable().Insert(index, Present(item));

    public void RemoveAt(int index) => Writable().RemoveAt(index);

    public bool Remove(Entry item) => Writable().Remove(item);

    public void Clear() => Writable().Clear();

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    List<Entry> Writable() => IsReadOnly ? throw new InvalidOperationException("Object is read only") : _entries;

    static Entry Present(Entry? item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item;
    }

    public class Entry
    {
        readonly string? _value;
        readonly byte[]? _valueBytes;

        /// <exception cref="ArgumentException">The key does not end in <c>-bin</c>, or has characters other than a-z, 0-9, dot, dash, underscore.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            Key = Normalize(key);
            if (!IsBinaryKey(Key))
            {
                throw new ArgumentException($"Key for binary valued metadata entry needs to have '{BinaryHeaderSuffix}' suffix indicating binary value.");
            }
            ArgumentNullException.ThrowIfNull(valueBytes);
            _valueBytes = [.. valueBytes];
        }

        /// <exception cref="ArgumentException">The key ends in <c>-bin</c>, or has characters other than a-z, 0-9, dot, dash, underscore.</exception>
        public Entry(string key, string value)
        {
            Key = Normalize(key);
            if (IsBinaryKey(Key))
            {
                throw new ArgumentException("Key for ASCII valued metadata entry cannot have suffix indicating binary value.");
            }
            ArgumentNullException.ThrowIfNull(value);
            _value = value;
        }

        public string Key { get; }

        public bool IsBinary => _value is null;

        public string Value => _value ?? throw new InvalidOperationException("Cannot access string value of a binary metadata entry");

        public byte[] ValueBytes => _value is null ? [.. _valueBytes!] : Encoding.ASCII.GetBytes(_value);

        public override string ToString() => IsBinary
            ? $"[Entry: key={Key}, valueBytes={_valueBytes}]"
            : $"[Entry: key={Key}, value={_value}]";

        internal string WireValue => _value ?? Convert.ToBase64String(_valueBytes!);

        internal bool HasKey(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        static bool IsBinaryKey(string key) => key.EndsWith(BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase);

        static string Normalize(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            foreach (var c in key)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                {
                    throw new ArgumentException(
                        "Metadata entry key not valid. Keys can only contain lowercase alphanumeric characters, underscores, hyphens and dots.");
                }
            }
            return key.ToLowerInvariant(); // answers the same string where nothing changes
        }
    }
}
