package org.lakebrush.job;

/**
 * What to learn a mark from, and where to put it.
 *
 * @param input URI of a folder, a glob or one file
 * @param out URI of the folder for the mark and its job, outside of the input
 * @param sample how many images to look at, spread over the lake
 */
public record LearnRequest(String input, String out, int sample) {}
