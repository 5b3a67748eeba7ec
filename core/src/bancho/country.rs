//! The countries of a user's presence.

/// A country, with the name that clients use.
///
/// From b1796 on a presence carries the country as an index into [`COUNTRIES`], one byte; before that, as the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Country {
    /// Two capital letters or digits: a code of ISO 3166-1, or an addition of the GeoIP database from which the list
    /// originates, such as `XX` (unknown), `EU` (Europe) and `A2` (a satellite provider).
    pub code: &'static str,
    /// The English name, exactly as old clients receive it.
    pub name: &'static str,
}

const fn country_row(code: &'static str, name: &'static str) -> Country {
    Country { code, name }
}

/// All countries, in the order of their wire indices, 0 to 252.
///
/// Codes and order are the same in chio and bancho.py, except for 244, which bancho.py also calls unknown. The names are
/// those of chio's `CountryNames`.
pub static COUNTRIES: [Country; 253] = [
    country_row("XX", "Unknown"),
    country_row("OC", "Oceania"),
    country_row("EU", "Europe"),
    country_row("AD", "Andorra"),
    country_row("AE", "United Arab Emirates"),
    country_row("AF", "Afghanistan"),
    country_row("AG", "Antigua and Barbuda"),
    country_row("AI", "Anguilla"),
    country_row("AL", "Albania"),
    country_row("AM", "Armenia"),
    country_row("AN", "Netherlands Antilles"),
    country_row("AO", "Angola"),
    country_row("AQ", "Antarctica"),
    country_row("AR", "Argentina"),
    country_row("AS", "American Samoa"),
    country_row("AT", "Austria"),
    country_row("AU", "Australia"),
    country_row("AW", "Aruba"),
    country_row("AZ", "Azerbaijan"),
    country_row("BA", "Bosnia and Herzegovina"),
    country_row("BB", "Barbados"),
    country_row("BD", "Bangladesh"),
    country_row("BE", "Belgium"),
    country_row("BF", "Burkina Faso"),
    country_row("BG", "Bulgaria"),
    country_row("BH", "Bahrain"),
    country_row("BI", "Burundi"),
    country_row("BJ", "Benin"),
    country_row("BM", "Bermuda"),
    country_row("BN", "Brunei Darussalam"),
    country_row("BO", "Bolivia"),
    country_row("BR", "Brazil"),
    country_row("BS", "The Bahamas"),
    country_row("BT", "Bhutan"),
    country_row("BV", "Bouvet Island"),
    country_row("BW", "Botswana"),
    country_row("BY", "Belarus"),
    country_row("BZ", "Belize"),
    country_row("CA", "Canada"),
    country_row("CC", "Cocos (Keeling) Islands"),
    country_row("CD", "Democratic Republic of the Congo"),
    country_row("CF", "Central African Republic"),
    country_row("CG", "Republic of the Congo"),
    country_row("CH", "Switzerland"),
    country_row("CI", "Côte d'Ivoire"),
    country_row("CK", "Cook Islands"),
    country_row("CL", "Chile"),
    country_row("CM", "Cameroon"),
    country_row("CN", "China"),
    country_row("CO", "Colombia"),
    country_row("CR", "Costa Rica"),
    country_row("CU", "Cuba"),
    country_row("CV", "Cape Verde"),
    country_row("CX", "Christmas Island"),
    country_row("CY", "Cyprus"),
    country_row("CZ", "Czech Republic"),
    country_row("DE", "Germany"),
    country_row("DJ", "Djibouti"),
    country_row("DK", "Denmark"),
    country_row("DM", "Dominica"),
    country_row("DO", "Dominican Republic"),
    country_row("DZ", "Algeria"),
    country_row("EC", "Ecuador"),
    country_row("EE", "Estonia"),
    country_row("EG", "Egypt"),
    country_row("EH", "Western Sahara"),
    country_row("ER", "Eritrea"),
    country_row("ES", "Spain"),
    country_row("ET", "Ethiopia"),
    country_row("FI", "Finland"),
    country_row("FJ", "Fiji"),
    country_row("FK", "Falkland Islands (Malvinas)"),
    country_row("FM", "Micronesia, Federated States of Micronesia"),
    country_row("FO", "Faroe Islands"),
    country_row("FR", "France"),
    country_row("FX", "France, Metropolitan"),
    country_row("GA", "Gabon"),
    country_row("GB", "United Kingdom"),
    country_row("GD", "Grenada"),
    country_row("GE", "Georgia"),
    country_row("GF", "French Guiana"),
    country_row("GH", "Ghana"),
    country_row("GI", "Gibraltar"),
    country_row("GL", "Greenland"),
    country_row("GM", "Gambia"),
    country_row("GN", "Guinea"),
    country_row("GP", "Guadeloupe"),
    country_row("GQ", "Equatorial Guinea"),
    country_row("GR", "Greece"),
    country_row("GS", "South Georgia and the South Sandwich Islands"),
    country_row("GT", "Guatemala"),
    country_row("GU", "Guam"),
    country_row("GW", "Guinea-Bissau"),
    country_row("GY", "Guyana"),
    country_row("HK", "Hong Kong"),
    country_row("HM", "Heard Island and McDonald Islands"),
    country_row("HN", "Honduras"),
    country_row("HR", "Croatia"),
    country_row("HT", "Haiti"),
    country_row("HU", "Hungary"),
    country_row("ID", "Indonesia"),
    country_row("IE", "Ireland"),
    country_row("IL", "Israel"),
    country_row("IN", "India"),
    country_row("IO", "British Indian Ocean Territory"),
    country_row("IQ", "Iraq"),
    country_row("IR", "Iran, Islamic Republic of Iran"),
    country_row("IS", "Iceland"),
    country_row("IT", "Italy"),
    country_row("JM", "Jamaica"),
    country_row("JO", "Jordan"),
    country_row("JP", "Japan"),
    country_row("KE", "Kenya"),
    country_row("KG", "Kyrgyzstan"),
    country_row("KH", "Cambodia"),
    country_row("KI", "Kiribati"),
    country_row("KM", "Comoros"),
    country_row("KN", "Saint Kitts and Nevis"),
    country_row("KP", "Korea, Democratic People's Republic of Korea"),
    country_row("KR", "Korea, Republic of Korea"),
    country_row("KW", "Kuwait"),
    country_row("KY", "Cayman Islands"),
    country_row("KZ", "Kazakhstan"),
    country_row("LA", "Lao People's Democratic Republic"),
    country_row("LB", "Lebanon"),
    country_row("LC", "Saint Lucia"),
    country_row("LI", "Liechtenstein"),
    country_row("LK", "Sri Lanka"),
    country_row("LR", "Liberia"),
    country_row("LS", "Lesotho"),
    country_row("LT", "Lithuania"),
    country_row("LU", "Luxembourg"),
    country_row("LV", "Latvia"),
    country_row("LY", "Libyan Arab Jamahiriya"),
    country_row("MA", "Morocco"),
    country_row("MC", "Monaco"),
    country_row("MD", "Moldova, Republic of Moldova"),
    country_row("MG", "Madagascar"),
    country_row("MH", "Marshall Islands"),
    country_row("MK", "Macedonia, the Former Yugoslav Republic of Macedonia"),
    country_row("ML", "Mali"),
    country_row("MM", "Myanmar"),
    country_row("MN", "Mongolia"),
    country_row("MO", "Macau"),
    country_row("MP", "Northern Mariana Islands"),
    country_row("MQ", "Martinique"),
    country_row("MR", "Mauritania"),
    country_row("MS", "Montserrat"),
    country_row("MT", "Malta"),
    country_row("MU", "Mauritius"),
    country_row("MV", "Maldives"),
    country_row("MW", "Malawi"),
    country_row("MX", "Mexico"),
    country_row("MY", "Malaysia"),
    country_row("MZ", "Mozambique"),
    country_row("NA", "Namibia"),
    country_row("NC", "New Caledonia"),
    country_row("NE", "Niger"),
    country_row("NF", "Norfolk Island"),
    country_row("NG", "Nigeria"),
    country_row("NI", "Nicaragua"),
    country_row("NL", "Netherlands"),
    country_row("NO", "Norway"),
    country_row("NP", "Nepal"),
    country_row("NR", "Nauru"),
    country_row("NU", "Niue"),
    country_row("NZ", "New Zealand"),
    country_row("OM", "Oman"),
    country_row("PA", "Panama"),
    country_row("PE", "Peru"),
    country_row("PF", "French Polynesia"),
    country_row("PG", "Papua New Guinea"),
    country_row("PH", "Philippines"),
    country_row("PK", "Pakistan"),
    country_row("PL", "Poland"),
    country_row("PM", "Saint Pierre and Miquelon"),
    country_row("PN", "Pitcairn"),
    country_row("PR", "Puerto Rico"),
    country_row("PS", "Palestinian Territory, Occupied"),
    country_row("PT", "Portugal"),
    country_row("PW", "Palau"),
    country_row("PY", "Paraguay"),
    country_row("QA", "Qatar"),
    country_row("RE", "Réunion"),
    country_row("RO", "Romania"),
    country_row("RU", "Russian Federation"),
    country_row("RW", "Rwanda"),
    country_row("SA", "Saudi Arabia"),
    country_row("SB", "Solomon Islands"),
    country_row("SC", "Seychelles"),
    country_row("SD", "Sudan"),
    country_row("SE", "Sweden"),
    country_row("SG", "Singapore"),
    country_row("SH", "Saint Helena, Ascension and Tristan da Cunha"),
    country_row("SI", "Slovenia"),
    country_row("SJ", "Svalbard and Jan Mayen"),
    country_row("SK", "Slovakia"),
    country_row("SL", "Sierra Leone"),
    country_row("SM", "San Marino"),
    country_row("SN", "Senegal"),
    country_row("SO", "Somalia"),
    country_row("SR", "Suriname"),
    country_row("ST", "Sao Tome and Principe"),
    country_row("SV", "El Salvador"),
    country_row("SY", "Syrian Arab Republic"),
    country_row("SZ", "Eswatini"),
    country_row("TC", "Turks and Caicos Islands"),
    country_row("TD", "Chad"),
    country_row("TF", "French Southern Territories"),
    country_row("TG", "Togo"),
    country_row("TH", "Thailand"),
    country_row("TJ", "Tajikistan"),
    country_row("TK", "Tokelau"),
    country_row("TM", "Turkmenistan"),
    country_row("TN", "Tunisia"),
    country_row("TO", "Tonga"),
    country_row("TL", "Timor-Leste"),
    country_row("TR", "Turkey"),
    country_row("TT", "Trinidad and Tobago"),
    country_row("TV", "Tuvalu"),
    country_row("TW", "Taiwan"),
    country_row("TZ", "Tanzania"),
    country_row("UA", "Ukraine"),
    country_row("UG", "Uganda"),
    country_row("UM", "United States Minor Outlying Islands"),
    country_row("US", "United States"),
    country_row("UY", "Uruguay"),
    country_row("UZ", "Uzbekistan"),
    country_row("VA", "Holy See"),
    country_row("VC", "Saint Vincent"),
    country_row("VE", "Venezuela"),
    country_row("VG", "Virgin Islands, British"),
    country_row("VI", "Virgin Islands, U.S."),
    country_row("VN", "Vietnam"),
    country_row("VU", "Vanuatu"),
    country_row("WF", "Wallis and Futuna"),
    country_row("WS", "Samoa"),
    country_row("YE", "Yemen"),
    country_row("YT", "Mayotte"),
    country_row("RS", "Serbia"),
    country_row("ZA", "South Africa"),
    country_row("ZM", "Zambia"),
    country_row("ME", "Montenegro"),
    country_row("ZW", "Zimbabwe"),
    country_row("A1", "Unknown"),
    country_row("A2", "Satellite Provider"),
    country_row("O1", "Other"),
    country_row("AX", "Aland Islands"),
    country_row("GG", "Guernsey"),
    country_row("IM", "Isle of Man"),
    country_row("JE", "Jersey"),
    country_row("BL", "St. Barthelemy"),
    country_row("MF", "Saint Martin"),
];

/// The country with this wire index; `None` above 252.
///
/// ```
/// use lobbywire_core::bancho::{country, country_index};
///
/// let australia = country(16).unwrap();
/// assert_eq!((australia.code, australia.name), ("AU", "Australia"));
/// assert_eq!(country_index("au"), Some(16));
/// ```
pub fn country(index: u8) -> Option<&'static Country> {
    COUNTRIES.get(usize::from(index))
}

/// The wire index of a two-letter code; `None` if no country has it. Ignores case.
///
/// chio's `resolve_country_index` requires capitals, and returns 0 (unknown) instead of `None`.
pub fn country_index(code: &str) -> Option<u8> {
    index_where(|country| country.code.eq_ignore_ascii_case(code))
}

/// The index of the first country with exactly this name.
///
/// Two countries are called `Unknown`: this returns 0, not 244.
pub fn country_by_name(name: &str) -> Option<u8> {
    index_where(|country| country.name == name)
}

fn index_where(matches: impl Fn(&Country) -> bool) -> Option<u8> {
    COUNTRIES.iter().position(matches).and_then(|index| u8::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_the_wire_indices() {
        for (index, code, name) in [
            (0, "XX", "Unknown"),
            (1, "OC", "Oceania"),
            (42, "CG", "Republic of the Congo"),
            (44, "CI", "Côte d'Ivoire"),
            (111, "JP", "Japan"),
            (216, "TL", "Timor-Leste"),
            (225, "US", "United States"),
            (243, "ZW", "Zimbabwe"),
            (244, "A1", "Unknown"),
            (252, "MF", "Saint Martin"),
        ] {
            assert_eq!(country(index), Some(&Country { code, name }));
        }
        for index in 253..=u8::MAX {
            assert_eq!(country(index), None);
        }
    }

    #[test]
    fn every_code_is_found() {
        for index in 0..=252 {
            let country = country(index).unwrap();
            assert_eq!(country_index(country.code), Some(index));
            assert_eq!(country_index(&country.code.to_ascii_lowercase()), Some(index));
            assert!(
                country.code.len() == 2
                    && country.code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            );
        }
        for code in ["", "U", "USA", "QQ", "ÄÖ"] {
            assert_eq!(country_index(code), None, "{code}");
        }
    }

    #[test]
    fn every_name_is_found_and_the_ambiguous_one_is_the_first() {
        for index in 0..=252 {
            let name = country(index).unwrap().name;
            assert_eq!(country_by_name(name), Some(if index == 244 { 0 } else { index }), "{name}");
        }
        assert_eq!(country_by_name("germany"), None);
        assert_eq!(country_by_name(""), None);
    }
}
