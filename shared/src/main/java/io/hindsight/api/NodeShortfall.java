package io.hindsight.api;

/**
 * A node of which an answer lacks something.
 *
 * @param node name
 * @param reason what, and why, a whole sentence
 */
public record NodeShortfall(String node, String reason) {}
