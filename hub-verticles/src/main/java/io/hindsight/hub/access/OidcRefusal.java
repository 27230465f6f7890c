package io.hindsight.hub.access;

import java.util.Locale;

/** Why a token that says to be of the OpenID Connect issuer is not accepted. */
public enum OidcRefusal {
    /** Signed with something else than RSA or ECDSA, or with a header that this Hub must not pass over. */
    ALGORITHM,
    /** A JWT for something else than access, such as a logout token. */
    TYPE,
    /** Made for others. */
    AUDIENCE,
    /** A claim is missing, or is not what its name says. */
    CLAIMS,
    /** Past its end. */
    EXPIRED,
    /** Before its start. */
    EARLY,
    /** The issuer has no such key, or several. */
    KEY,
    /** The key says that it is forged. */
    SIGNATURE;

    /** In metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
