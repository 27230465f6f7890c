package io.hindsight.bus;

/** What the Hub asks of an agent at {@link Addresses#agent}. The name is the value of {@link Addresses#ACTION_HEADER}. */
public enum AgentAction {
    /** {@link PlanRequest} → {@link ExtentPlan}: find and pin a window. Idempotent: the same snapshot id renews the lease. */
    PLAN,
    /** {@link StreamRequest} → empty: start, or resume, sending the pinned chunks. */
    STREAM,
    /**
     * {@link SharedStreamRequest} → empty: start, or resume, one stream for several planned sessions. The same stream id again replaces the stream; {@link #RELEASE}
     * of it ends the stream alone.
     */
    SHARE,
    /** {@link CreditGrant} → {@link CreditAnswer}: more bytes may be sent; what is durable may be unpinned; renews the lease. */
    CREDIT,
    /** {@link ReleaseRequest} → empty: stop sending, unpin everything. Idempotent. */
    RELEASE,
    /** empty → {@link io.hindsight.api.NodeStatus}. */
    STATUS,
    /** {@link KnownObjectsRequest} → {@link KnownObjectsAnswer}: Kubernetes objects that the agent knows now, or knew within the last hour; a page of them. */
    WORKLOADS,
    /** {@link CaptureOrder} → {@link io.hindsight.api.NodeCapture}: what is to be recorded. Idempotent. */
    CAPTURE
}
