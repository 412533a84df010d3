using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using L2R.Metrics.V1;
using L2R.Type.V1;

namespace L2R.Cli.Exports;

/// <summary>Any answer as tables: one for the answer itself, and one for each list in it, with a row for each element.</summary>
/// <remarks>
/// A row has what the answer says of itself, what every element says that the row is in, and its own. Columns are named as the fields are, with the
/// names of the messages between them: they grow as the contract does, and change no more than it. A dimension is a column of its own name.
/// </remarks>
static class AnswerCsv
{
    const string Whole = "answer";

    /// <summary>Where the main table is not the first list of figures.</summary>
    static readonly string[] MainIsWhole = [VelocityReport.Descriptor.FullName, Target.Descriptor.FullName, Review.Descriptor.FullName];

    /// <param name="answers">Of the type.</param>
    /// <param name="table">As <see cref="TablesOf"/> names it, or the end of its name (<c>pairs</c>); null: the main one.</param>
    /// <returns>The names of the columns, then the rows, each with its line end.</returns>
    /// <exception cref="CommandFailedException">There is no such table.</exception>
    public static IEnumerable<string> ToLines(IEnumerable<IMessage> answers, MessageDescriptor type, string? table)
    {
        var tables = TablesOf(type);
        var wanted = table ?? MainOf(type, tables);
        var path = tables.Keys.Where(name => name == wanted || name.EndsWith($".{wanted}", StringComparison.Ordinal)).ToList() is [var one]
            ? tables[one]
            : throw new CommandFailedException($"--csv has the tables {string.Join(", ", tables.Keys)}; not '{table}'", ExitCodes.Usage);

        List<Row> rows = [.. answers.SelectMany(answer => RowsOf(new Row([answer], 0), path))];
        var columns = ColumnsOf(type, path, rows);
        return rows.Select(row => columns.Select(column => Csv.Cell(column.Read(row)))).Prepend(columns.Select(column => column.Name)).Select(Csv.Line);
    }

    /// <summary>By name, the fields from the answer down to the list whose elements are rows. A list within a list is a table of its own.</summary>
    public static OrderedDictionary<string, FieldDescriptor[]> TablesOf(MessageDescriptor type)
    {
        var tables = new OrderedDictionary<string, FieldDescriptor[]> { [Whole] = [] };
        Add(type, []);
        return tables;

        void Add(MessageDescriptor message, FieldDescriptor[] above)
        {
            foreach (var field in message.Fields.InDeclarationOrder().Where(field => IsPart(field) || field.IsRepeated && IsMoney(field)))
            {
                FieldDescriptor[] path = [.. above, field];
                if (field.IsRepeated)
                {
                    tables.Add(string.Join('.', path.Select(part => part.Name)), path);
                }
                if (IsPart(field))
                {
                    Add(field.MessageType, path);
                }
            }
        }
    }

    /// <summary>The first list of the answer, or the first of figures within it.</summary>
    static string MainOf(MessageDescriptor type, OrderedDictionary<string, FieldDescriptor[]> tables)
    {
        if (MainIsWhole.Contains(type.FullName))
        {
            return Whole;
        }
        var lists = tables.Where(table => table.Value.Length > 0 && Array.TrueForAll(table.Value, field => field.IsRepeated && IsPart(field))).ToList();
        var first = lists.Where(table => table.Value.Length == 1).Select(table => table.Key).FirstOrDefault(Whole);
        return lists.Where(table => table.Value.Length == 2 && table.Value[0].Name == first).Select(table => table.Key).FirstOrDefault(first);
    }

    static IEnumerable<Row> RowsOf(Row row, FieldDescriptor[] path)
    {
        var depth = row.Levels.Length - 1;
        return depth == path.Length ? [row] : path[depth].Accessor.GetValue(row.Levels[depth]) switch
        {
            IList list => list.Cast<IMessage>().SelectMany((element, index) => RowsOf(new([.. row.Levels, element], index), path)),
            IMessage part => RowsOf(new([.. row.Levels, part], 0), path),
            _ => [],
        };
    }

    static List<Column> ColumnsOf(MessageDescriptor type, FieldDescriptor[] path, List<Row> rows)
    {
        List<Column> columns = [];
        for (var depth = 0; depth <= path.Length; depth++)
        {
            var level = depth;
            var below = depth < path.Length ? path[depth] : null;
            foreach (var (name, read) in ColumnsOf(depth == 0 ? type : path[depth - 1].MessageType, below, rows.Select(row => row.Levels[level]).Distinct()))
            {
                columns.Add(new(columns.Exists(column => column.Name == name) ? $"{path[depth - 1].Name}_{name}" : name, row => read(row.Levels[level])));
            }
            if (depth > 0 && path[depth - 1].MessageType == CohortCell.Descriptor)
            {
                // A cell's horizon is in the head of the table.
                columns.Add(new("horizon", row => AnswerValue.Seconds(((CohortTable)row.Levels[0]).Horizons[row.Index])));
            }
        }
        return columns;
    }

    /// <param name="below">The rows are in this field: it makes no columns.</param>
    /// <param name="values">Which dimensions there are, the values tell.</param>
    static IEnumerable<(string Name, Func<IMessage?, object?> Read)> ColumnsOf(MessageDescriptor type, FieldDescriptor? below, IEnumerable<IMessage?> values)
    {
        if (type == Money.Descriptor)
        {
            return [("amount", message => ((Money?)message)?.ToDecimal()), ("currency", message => ((Money?)message)?.CurrencyCode)];
        }
        return type.Fields.InDeclarationOrder().Where(field => field != below).SelectMany(Columns);

        IEnumerable<(string, Func<IMessage?, object?>)> Columns(FieldDescriptor field)
        {
            if (IsDimension(field))
            {
                return values.SelectMany(message => DimensionsOf(message, field)).Select(dimension => dimension.Name).Distinct()
                    .Select(name => (name, (Func<IMessage?, object?>)(message => DimensionsOf(message, field).FirstOrDefault(dimension => dimension.Name == name).Value)));
            }
            if (field.IsMap)
            {
                return [(field.Name, message => message is null ? null : OneCell((MapField<string, string>)field.Accessor.GetValue(message)))];
            }
            if (field.IsRepeated)
            {
                return field.FieldType == FieldType.String
                    ? [(field.Name, message => message is null ? null : string.Join(';', ((IList)field.Accessor.GetValue(message)).Cast<string>()))]
                    : [];
            }
            if (field.FieldType != FieldType.Message || AnswerValue.IsOne(field.MessageType))
            {
                return [(field.Name, message => message is null ? null : AnswerValue.Of(message, field))];
            }
            IMessage? Part(IMessage? message) => message is null ? null : (IMessage?)field.Accessor.GetValue(message);
            return ColumnsOf(field.MessageType, below: null, values.Select(Part)).Select(column => (
                IsMoney(field) ? (column.Name == "amount" ? field.Name : $"{field.Name}_{column.Name}") : $"{field.Name}_{column.Name}",
                (Func<IMessage?, object?>)(message => column.Read(Part(message)))));
        }
    }

    static string OneCell(MapField<string, string> map) =>
        string.Join(';', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>Of a list of dimensions or of a single one: what each is called, and its value; null where it is unknown.</summary>
    static IEnumerable<(string Name, string? Value)> DimensionsOf(IMessage? message, FieldDescriptor field) =>
        message is null ? [] : (field.Accessor.GetValue(message) switch { IList list => list, null => Array.Empty<object>(), var one => new[] { one } }).Cast<IMessage>().Select(value => value switch
        {
            DimensionValue known => (known.Dimension, known.Unknown ? null : known.Value),
            CohortValue known => (known.Dimension, known.Unknown ? null : known.Other ? "(other)" : known.Value),
            _ => throw new InvalidOperationException($"{value.Descriptor.Name} is no dimension."),
        });

    static bool IsDimension(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && (field.MessageType == DimensionValue.Descriptor || field.MessageType == CohortValue.Descriptor);

    static bool IsMoney(FieldDescriptor field) => field.FieldType == FieldType.Message && field.MessageType == Money.Descriptor;

    /// <summary>A message with fields of its own.</summary>
    static bool IsPart(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && !field.IsMap && !IsMoney(field) && !IsDimension(field) && !AnswerValue.IsOne(field.MessageType);

    /// <param name="Levels">The answer, what leads to the element, the element.</param>
    /// <param name="Index">Of the element in its list.</param>
    sealed record Row(IMessage[] Levels, int Index);

    sealed record Column(string Name, Func<Row, object?> Read);
}
