package org.lakebrush;
public final class Lakebrush { public static void main(String[] a) {} }
