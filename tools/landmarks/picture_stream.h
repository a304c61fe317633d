// Pictures with numbers on standard input, as picture-stream.ts writes them.
#pragma once
#include <dlib/array2d.h>
#include <dlib/pixel.h>
#include <cstdint>
#include <iostream>
#include <vector>

struct picture
{
    bool colour = false;
    dlib::array2d<unsigned char> grey;
    dlib::array2d<dlib::rgb_pixel> rgb;
    std::vector<float> numbers;
};

inline bool read_picture(std::istream& in, picture& p)
{
    int32_t head[5];
    if (!in.read(reinterpret_cast<char*>(head), sizeof head)) return false;
    const int32_t width = head[0], height = head[1];
    p.colour = head[2] == 3;
    p.numbers.resize(head[3]);
    in.read(reinterpret_cast<char*>(p.numbers.data()), 4 * p.numbers.size());
    if (p.colour) p.rgb.set_size(height, width); else p.grey.set_size(height, width);
    for (long y = 0; y < height; ++y)
    {
        // Rows of either picture type are packed bytes.
        char* row = p.colour ? reinterpret_cast<char*>(&p.rgb[y][0]) : reinterpret_cast<char*>(&p.grey[y][0]);
        in.read(row, static_cast<std::streamsize>(width) * head[2]);
    }
    return static_cast<bool>(in);
}
