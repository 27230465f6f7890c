package io.hindsight.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose word a Hub takes on who a caller is, beside its token file and client certificates. Immutable; checked by {@link HubConfig}.
 *
 * @param kubernetes tokens that Kubernetes' API server reviews; null: none are taken
 * @param oidc tokens of an OpenID Connect issuer; null: none are taken
 */
public record AccessConfig(@Nullable KubernetesTokens kubernetes, @Nullable Oidc oidc) {
    /** Neither. */
    public static final AccessConfig NONE = new AccessConfig(null, null);

    private static final Pattern ACCOUNT =
            Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    /**
     * Tokens of Kubernetes.
     *
     * @param audience that they are made for
     * @param agentAccounts service accounts of agents, {@code NAMESPACE/NAME}
     * @param recorderAccounts service accounts of cluster recorders, {@code NAMESPACE/NAME}
     */
    public record KubernetesTokens(String audience, List<String> agentAccounts, List<String> recorderAccounts) {
        public KubernetesTokens {
            agentAccounts = List.copyOf(agentAccounts);
            recorderAccounts = List.copyOf(recorderAccounts);
        }
    }

    /**
     * Tokens of OpenID Connect (OpenID Connect Core 1.0, RFC 7519, RFC 9068).
     *
     * @param issuer {@code https://…}, as in the claim {@code iss}; {@code /.well-known/openid-configuration} lies below it
     * @param audience that they are made for
     * @param authority PEM certificates to trust for the issuer; null: the system's
     * @param nameClaim names the caller
     * @param groupsClaim lists the caller's groups
     * @param viewers groups that may list and show
     * @param analysts groups that may also create and export
     * @param admins groups that may do everything
     */
    public record Oidc(
            URI issuer,
            String audience,
            @Nullable Path authority,
            String nameClaim,
            String groupsClaim,
            List<String> viewers,
            List<String> analysts,
            List<String> admins) {
        public Oidc {
            viewers = List.copyOf(viewers);
            analysts = List.copyOf(analysts);
            admins = List.copyOf(admins);
        }
    }

    /** Whether it takes anybody's word. */
    public boolean isAny() {
        return kubernetes != null || oidc != null;
    }

    /** Notes what cannot be meant. */
    void check(ConfigProblems problems) {
        if (kubernetes != null) {
            problems.check(!kubernetes.audience().isBlank(), "token-audience", "is not empty");
            accounts(problems, "agent-accounts", kubernetes.agentAccounts());
            accounts(problems, "recorder-accounts", kubernetes.recorderAccounts());
            problems.check(
                    kubernetes.recorderAccounts().stream().noneMatch(kubernetes.agentAccounts()::contains),
                    "recorder-accounts",
                    "has none of agent-accounts: an account joins as one or the other");
        }
        if (oidc != null) {
            URI issuer = oidc.issuer();
            problems.check(
                            "https".equals(issuer.getScheme())
                                    && issuer.getHost() != null
                                    && issuer.getRawQuery() == null
                                    && issuer.getRawFragment() == null
                                    && issuer.getRawUserInfo() == null,
                            "oidc-issuer",
                            "is an https address without query, as in the claim iss, got " + issuer)
                    .check(!oidc.audience().isBlank(), "oidc-audience", "is not empty")
                    .check(!oidc.nameClaim().isBlank(), "oidc-name-claim", "is not empty")
                    .check(!oidc.groupsClaim().isBlank(), "oidc-groups-claim", "is not empty");
        }
    }

    private static void accounts(ConfigProblems problems, String key, List<String> accounts) {
        for (String account : accounts) {
            problems.check(ACCOUNT.matcher(account).matches(), key, "is NAMESPACE/NAME, got " + account);
        }
    }
}
