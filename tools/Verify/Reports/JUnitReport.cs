using System.Globalization;
using System.Xml.Linq;
using Verify.Checker.Campaigns;
using Verify.Cli.Output;

namespace Verify.Cli.Reports;

/// <summary>JUnit XML: a test case a cell, failed when the verdict is not the expected one.</summary>
internal sealed class JUnitReport : IReport
{
    public string Name => "junit";

    public string Summary => "JUnit XML";

    public string FileName => "report.junit.xml";

    public string Make(ReportInput input)
    {
        var suites = input.Cells.GroupBy(c => c.Cell.Test).Select(g => Suite(g.Key, [.. g], input));
        return new XDocument(new XElement("testsuites", new XAttribute("name", "verify " + input.Command), suites)) + "\n";
    }

    private static XElement Suite(string name, CellStatus[] cells, ReportInput input) => new(
        "testsuite",
        new XAttribute("name", Xml(name)),
        new XAttribute("tests", cells.Length),
        new XAttribute("failures", cells.Count(c => c.Verdict != "open" && !c.AsExpected)),
        new XAttribute("skipped", cells.Count(c => c.Verdict == "open")),
        new XAttribute("time", Seconds(cells.Sum(c => c.Seconds))),
        cells.Select(c => Case(c, input)));

    private static XElement Case(CellStatus cell, ReportInput input)
    {
        var element = new XElement(
            "testcase",
            new XAttribute("classname", Xml(cell.Cell.Test)),
            new XAttribute("name", Xml((cell.Cell.Variant.Length > 0 ? cell.Cell.Variant : cell.Cell.Test) + (cell.Cell.Model.Length > 0 ? "@" + cell.Cell.Model : ""))),
            new XAttribute("time", Seconds(cell.Seconds)));
        if (cell.Verdict == "open")
        {
            element.Add(new XElement("skipped", new XAttribute("message", "not all schedules were tried")));
        }
        else if (!cell.AsExpected)
        {
            string message = cell.Found?.Failure is { } failure ? $"{failure.Kind}: {Plain.OneLine(failure.Message)}" : "no failure was found; one is expected";
            element.Add(new XElement("failure", new XAttribute("message", Xml(message)), Xml(cell.Found?.Failure?.Details ?? "")));
        }

        string found = cell.Found?.Schedule is null ? "" : $"\n{input.Replay(cell)}";
        element.Add(new XElement("system-out", Xml($"{cell.Verdict} after {cell.Schedules} schedules{found}")));
        return element;
    }

    private static string Seconds(double seconds) => seconds.ToString("F3", CultureInfo.InvariantCulture);

    // XML 1.0 has no way to say these at all.
    private static string Xml(string text) => string.Concat(text.Where(c => System.Xml.XmlConvert.IsXmlChar(c)));
}
