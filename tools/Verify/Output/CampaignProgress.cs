using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;
using Verify.Checker.Campaigns;
using Verify.Checker.Exploration;
using Verify.Cli.Verbs;

namespace Verify.Cli.Output;

/// <summary>What a campaign shows while it runs: the matrix as it fills, or a line now and then where there is no terminal.</summary>
internal static class CampaignProgress
{
    private static readonly TimeSpan s_drawEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_lineEvery = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs a campaign; what it is given is to be called, not by two threads at a time, whenever a result is there, and now and then by a search.
    /// </summary>
    internal static void Run(CampaignState state, CampaignSettings settings, Action<Action, Action<CampaignCell, SearchProgress>?> campaign)
    {
        var clock = Stopwatch.StartNew();
        if (settings.Json || Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            bool told = state.Plan.Cells.Count > CampaignText.MostRows; // of a short campaign the end is soon enough
            campaign(!told ? () => { } : Now(clock, s_lineEvery, () => Console.Error.WriteLine($"{Time(clock.Elapsed)}  {CampaignMatrix.Counts(state.Statuses())}")), null);
            return;
        }

        AnsiConsole.Live(new Text("exploring")).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(context =>
        {
            string search = "";
            void Draw()
            {
                context.UpdateTarget(Picture(state, settings, clock.Elapsed, search));
                context.Refresh();
            }

            Draw();
            Action draw = Now(clock, s_drawEvery, Draw);
            campaign(draw, (cell, at) => { search = CertificateText.Progress(cell, at); draw(); });
        });
    }

    private static Action Now(Stopwatch clock, TimeSpan every, Action draw)
    {
        TimeSpan next = every;
        return () =>
        {
            if (clock.Elapsed >= next)
            {
                next = clock.Elapsed + every;
                draw();
            }
        };
    }

    private static IRenderable Picture(CampaignState state, CampaignSettings settings, TimeSpan elapsed, string search)
    {
        CellStatus[] cells = state.Statuses();
        string time = Time(elapsed) + (settings.Budget is { } budget ? " of " + Time(budget) : "");
        return new Rows(
            new CampaignMatrix(cells, settings.Models).Draw(AnsiConsole.Profile.Width, AnsiConsole.Profile.Height - 2),
            new Markup($"{time}  {CampaignMatrix.Counts(cells)}"),
            new Markup(search.Length > 0 ? search : $"[grey]{CampaignMatrix.Legend}[/]"));
    }

    private static string Time(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";
}
