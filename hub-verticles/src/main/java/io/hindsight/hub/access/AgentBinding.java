package io.hindsight.hub.access;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which node an agent's token is bound to. API servers from 1.30 on say it in the review; of others, the review names the pod that the token was made for, and the pod says where it runs.
 * Thread-safe.
 */
final class AgentBinding {
    /** Accounts of which it is remembered that they were told of. */
    static final int MAX_TOLD = 100;

    private static final Logger LOG = LoggerFactory.getLogger(AgentBinding.class);
    private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

    private static final Pattern POD = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    private final ReviewCalls calls;

    // Guarded by this.
    private final SequencedSet<String> told = new LinkedHashSet<>();

    AgentBinding(ReviewCalls calls) {
        this.calls = calls;
    }

    /** The node; empty, and logged once for each account, where there is none. */
    Future<Optional<NodeId>> nodeOf(ReviewedUser user, String account) {
        Optional<String> node = user.single(NODE_NAME);
        if (node.isPresent()) {
            return Future.succeededFuture(known(account, node, "its node's name is none that a node can have"));
        }
        Optional<String> pod = user.single(POD_NAME).filter(name -> POD.matcher(name).matches());
        Optional<String> uid = user.single(POD_UID);
        if (pod.isEmpty() || uid.isEmpty()) {
            return Future.succeededFuture(
                    known(
                            account,
                            Optional.empty(),
                            "it is bound to no pod. Agents show a projected token of their own pod, not a Secret or one of 'kubectl create token'"));
        }
        String namespace = account.substring(0, account.indexOf('/'));
        return calls.nodeOf(namespace, pod.get(), uid.get())
                .map(found ->
                        known(account, found, "its pod=" + namespace + "/" + pod.get() + " is gone, or on no node"));
    }

    private Optional<NodeId> known(String account, Optional<String> name, String problem) {
        Optional<NodeId> node = name.flatMap(AgentBinding::node);
        if (node.isEmpty() && isNew(account)) {
            LOG.warn(
                    "account={} shows a token that makes it the agent of no node: {}. Told once for each account.",
                    account,
                    problem);
        }
        return node;
    }

    private static Optional<NodeId> node(String name) {
        try {
            return Optional.of(new NodeId(name));
        } catch (HindsightException notAName) {
            return Optional.empty();
        }
    }

    private synchronized boolean isNew(String account) {
        if (!told.add(account)) {
            return false;
        }
        if (told.size() > MAX_TOLD) {
            told.removeFirst();
        }
        return true;
    }
}
