namespace L2R.Metrics.Domain.Statistics;

/// <summary>Whether two curves of conversion differ, over their whole course.</summary>
/// <param name="Score">Conversions of the first group less those that it would have if both converted alike.</param>
/// <param name="Variance">Of <paramref name="Score"/>, if both converted alike.</param>
/// <remarks>
/// Gray, A Class of K-Sample Tests for Comparing the Cumulative Incidence of a Competing Risk, Annals of Statistics 16 (1988), with two
/// groups and rho = 0. Who has ended stays at risk of converting, in so far as he would still be followed: R = Y·(1−F)/S.
/// </remarks>
public sealed record GrayTest(double Score, double Variance)
{
    /// <summary>Chi-squared with one degree of freedom. Null where nobody converted while both groups were followed.</summary>
    public double? Statistic => Variance > 0 ? Score * Score / Variance : null;

    /// <summary>0 to 1, two-sided. Null without a statistic.</summary>
    public double? PValue => Statistic is { } statistic ? Normal.TwoSided(Math.Sqrt(statistic)) : null;

    /// <summary>Compares.</summary>
    public static GrayTest Of(Followed first, Followed second)
    {
        Group[] groups = [new(first), new(second)];
        var total = new Sums();
        var pooled = 0.0; // F of both together
        foreach (var time in groups.SelectMany(group => group.EventTimes).Distinct().Order())
        {
            foreach (var group in groups)
            {
                group.MoveTo(time);
            }
            var conversions = groups[0].Conversions + groups[1].Conversions;
            var atRisk = groups.Sum(group => group.Inverse);
            var next = pooled + (conversions / atRisk);
            total.Add(groups, conversions, atRisk, pooled, next);
            pooled = next;
            foreach (var group in groups)
            {
                group.Pass();
            }
        }
        return new(total.Score, total.Variance(groups));
    }

    /// <summary>The sums over time, of the first group's score and of its variance.</summary>
    sealed class Sums
    {
        // How the score depends on the events of each group: c is what has gathered by now.
        readonly double[] _c = new double[2];
        readonly double[] _squares = new double[2];
        readonly double[] _products = new double[2];
        double _variance;

        public double Score { get; private set; }

        public void Add(Group[] groups, double conversions, double atRisk, double before, double after)
        {
            var first = groups[0];
            double[] a = [first.Inverse * (1 - (first.Inverse / atRisk)), -first.Inverse * groups[1].Inverse / atRisk];
            for (var k = 0; k < 2; k++)
            {
                _c[k] += a[k] * conversions / (atRisk * (1 - before));
            }
            if (conversions > 0)
            {
                var weight = groups.Sum(group => group.Inverse * (1 - group.Incidence));
                Score += first.Conversions - (conversions * first.Inverse * (1 - first.Incidence) / weight);
            }
            for (var k = 0; k < 2; k++)
            {
                var group = groups[k];
                if (conversions > 0 && group.N > 0)
                {
                    var share = group.SurvivalAfter > 0 ? 1 - ((1 - after) / group.SurvivalAfter) : 1;
                    var ties = conversions > 1 ? 1 - ((conversions - 1) / ((atRisk * group.Survival) - 1)) : 1;
                    Gather(k, a[k] - (share * _c[k]), share, ties * group.Survival * conversions / (atRisk * group.N));
                }
                if (group.Ends > 0 && group.SurvivalAfter > 0)
                {
                    var share = (1 - after) / group.SurvivalAfter;
                    var ties = group.Ends > 1 ? 1 - ((group.Ends - 1) / (group.N - 1)) : 1;
                    Gather(k, -share * _c[k], share, ties * group.Survival * group.Survival * group.Ends / (group.N * group.N));
                }
            }
        }

        /// <summary>An event's part is fixed now, plus a share of what c will have gathered in the end.</summary>
        void Gather(int k, double now, double share, double variance)
        {
            _variance += now * now * variance;
            _products[k] += now * share * variance;
            _squares[k] += share * share * variance;
        }

        public double Variance(Group[] groups) =>
            _variance + Enumerable.Range(0, groups.Length).Sum(k => (_c[k] * _c[k] * _squares[k]) + (2 * _c[k] * _products[k]));
    }

    /// <summary>One group, as it stands just before an instant.</summary>
    sealed class Group(Followed followed)
    {
        readonly List<long> _conversions = [.. followed.Conversions.Order()];
        readonly List<long> _ends = [.. followed.Ends.Order()];
        readonly List<long> _censored = [.. followed.Censored.Order()];
        int _converted;
        int _ended;
        int _lost;

        public IEnumerable<long> EventTimes => _conversions.Concat(_ends);

        /// <summary>Neither converted nor ended, and still followed.</summary>
        public double N => _conversions.Count - _converted + _ends.Count - _ended + _censored.Count - _lost;

        /// <summary>At the instant.</summary>
        public double Conversions { get; private set; }

        /// <summary>At the instant.</summary>
        public double Ends { get; private set; }

        /// <summary>S just before.</summary>
        public double Survival { get; private set; } = 1;

        /// <summary>S just after.</summary>
        public double SurvivalAfter => N > 0 ? Survival * (N - Conversions - Ends) / N : Survival;

        /// <summary>F just before.</summary>
        public double Incidence { get; private set; }

        /// <summary>N over S: how many are followed, whatever came of them.</summary>
        public double Inverse => N > 0 ? N / Survival : 0;

        public void MoveTo(long time)
        {
            while (_lost < _censored.Count && _censored[_lost] < time)
            {
                _lost++;
            }
            Conversions = CountAt(_conversions, _converted, time);
            Ends = CountAt(_ends, _ended, time);
        }

        public void Pass()
        {
            if (N > 0)
            {
                var after = SurvivalAfter;
                Incidence += Survival * Conversions / N;
                Survival = after;
                _converted += (int)Conversions;
                _ended += (int)Ends;
            }
        }

        static int CountAt(List<long> sorted, int from, long time)
        {
            var index = from;
            while (index < sorted.Count && sorted[index] == time)
            {
                index++;
            }
            return index - from;
        }
    }
}
