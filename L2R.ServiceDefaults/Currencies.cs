namespace L2R.ServiceDefaults;

/// <summary>The codes of ISO 4217 in which money is given.</summary>
/// <remarks>
/// List one of the maintenance agency, SIX, as published on 2026-01-01. Left out are XTS, for tests, and XXX, for no currency at
/// all: an amount in either says nothing. The runtime's own list is not there where globalization is invariant.
/// </remarks>
public static class Currencies
{
    static readonly HashSet<string> Active = Read(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP
        COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK
        JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN
        NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG
        XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
        """);

    // Of list three, what was money in 1999 or later: the currencies that the euro and reforms replaced since.
    static readonly HashSet<string> Withdrawn = Read(
        """
        ADP AFA ANG AOR ATS AZM BEF BGL BGN BYB BYR CSD CUC CYP DEM EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM NLG
        PTE ROL RUR SDD SIT SKK SLL SRG STD TJR TMM TPE TRL VEB VEF XEU YUM ZMK ZWD ZWL ZWN ZWR
        """);

    /// <param name="code">In capitals.</param>
    public static bool Has(string code) => Active.Contains(code);

    /// <param name="code">In capitals, of today or withdrawn since 1999.</param>
    public static bool HasOrHad(string code) => Active.Contains(code) || Withdrawn.Contains(code);

    static HashSet<string> Read(string codes) => [.. codes.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
}
