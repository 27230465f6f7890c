package io.hindsight.hub.access;

/** What the Hub asks Kubernetes' API server about a token. */
enum ApiQuestion {
    /** Whose it is. */
    TOKEN_REVIEW(
            "a TokenReview",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "apiGroups [authentication.k8s.io], resources [tokenreviews], verbs [create]"),
    /** What a user may do. */
    ACCESS_REVIEW(
            "a SubjectAccessReview",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            "apiGroups [authorization.k8s.io], resources [subjectaccessreviews], verbs [create]"),
    /** On which node an agent's pod runs. */
    POD("an agent's pod", "/api/v1/namespaces/", "apiGroups [\"\"], resources [pods], verbs [get]");

    private final String words;
    private final String path;
    private final String rule;

    ApiQuestion(String words, String path, String rule) {
        this.words = words;
        this.path = path;
        this.rule = rule;
    }

    /** For people, with its article. */
    String words() {
        return words;
    }

    /** Where it is asked. */
    String path() {
        return path;
    }

    /** The rule of RBAC that the Hub takes for it. */
    String rule() {
        return rule;
    }
}
