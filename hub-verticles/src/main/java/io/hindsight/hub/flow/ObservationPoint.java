package io.hindsight.hub.flow;

/**
 * Where packets were seen.
 *
 * @param node name
 * @param interfaceName of the node; empty: it has none
 */
record ObservationPoint(String node, String interfaceName) {}
